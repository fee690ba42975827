"""The command line `ensemble`, one command per file."""
