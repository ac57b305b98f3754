"""A file of users on its way in (product 1, bulk): upload, mapping of columns, preview with
corrections, Sync updates, report."""
