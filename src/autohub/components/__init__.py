"""Reusable components, and the store of live automations."""
