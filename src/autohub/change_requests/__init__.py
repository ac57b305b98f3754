"""Which automation a change request is about."""
