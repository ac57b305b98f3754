"""The door: how a route becomes an answer, the API reference, metrics and the first pages."""
