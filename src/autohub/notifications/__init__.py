"""Mails about ideas: who is told of what, and what each person does not want to hear."""
