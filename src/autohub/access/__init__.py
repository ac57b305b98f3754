"""Sign-in, sessions, Open API tokens, roles, groups, and who may do what, and why."""
