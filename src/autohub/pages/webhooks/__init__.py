"""The pages of webhooks: one's own, and those of the installation."""
