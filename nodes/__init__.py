"""One step per file; each is a function of state."""
