"""Submitting an idea on pages: choose a kind, answer what its category asks, see duplicates and
scores while typing."""
