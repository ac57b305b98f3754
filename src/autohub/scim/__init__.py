"""SCIM 2.0: a directory provisions people and groups."""
