"""What a server tells of its own work: log, metrics, traces, usage, the state of its members."""
