"""A believable sample organisation: people, and a pipeline of ideas."""
