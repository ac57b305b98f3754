"""Webhooks: other systems that are called when something happened."""
