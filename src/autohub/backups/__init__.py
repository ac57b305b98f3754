"""One file that holds all of an installation, and the way back, on either database."""
