"""What happened, as other systems are told: the audit seen through a published catalog."""
