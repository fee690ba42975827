"""Where conversations and checkpoints are kept: a private SQLite file, or PostgreSQL."""
