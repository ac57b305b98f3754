"""The views of a list that a person saved."""
