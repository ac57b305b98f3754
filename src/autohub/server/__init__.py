"""The one place where everything is wired: the application, the worker, mails, bootstrap."""
