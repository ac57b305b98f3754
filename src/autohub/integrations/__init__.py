"""What reaches out to other systems."""
