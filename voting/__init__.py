"""Read answers out of drafts, and tell which answers are the same."""
