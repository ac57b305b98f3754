"""Invitations, their one-time links and what became of their mails."""
