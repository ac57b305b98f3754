"""Ideas that are not handed in yet: kept for their author alone, outside every list."""
