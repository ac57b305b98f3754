"""Signing on with an account of another system (OpenID Connect)."""
