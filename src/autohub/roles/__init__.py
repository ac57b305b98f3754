"""Roles, groups, tokens and sessions over the API."""
