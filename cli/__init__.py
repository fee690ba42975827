"""The command line `ensemble`: one command a file."""
