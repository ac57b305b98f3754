"""One's own account in the browser: signing in, registering, the password, open sessions,
notices, look."""
