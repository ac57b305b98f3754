"""All tables, the two databases, transactions and the outbox."""
