"""Who contributes most."""
