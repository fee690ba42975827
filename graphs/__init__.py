"""One state machine per file."""
