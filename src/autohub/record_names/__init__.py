"""Names that change, put into stored JSON at the moment of reading."""
