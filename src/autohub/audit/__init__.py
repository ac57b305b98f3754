"""Who changed what, when, and through which door."""
