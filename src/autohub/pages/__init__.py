"""What people see: every page translates a request into calls of services, and their results
into HTML."""
