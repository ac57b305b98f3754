"""Whole pipelines in and out as tables."""
