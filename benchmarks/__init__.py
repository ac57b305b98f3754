"""What `make bench` measures: every row a ratio against a floor measured in the same run."""
