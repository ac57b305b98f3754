"""Another hub's records, read through the Open API and kept here."""
