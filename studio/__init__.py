"""Where people meet the graphs."""
