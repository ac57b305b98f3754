"""The application inventory."""
