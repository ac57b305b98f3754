"""The admin console: accounts, roles, groups, platform setup, tokens and the audit."""
