"""Phases, statuses, and the flows that say which move leads where."""
