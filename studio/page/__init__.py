"""The chat page: its files, its endpoints, its conversations."""
