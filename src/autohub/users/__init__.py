"""Accounts, the status table, bulk add and edit, reassigning, trash and erasure."""
