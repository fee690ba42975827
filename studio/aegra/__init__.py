"""Many workers on PostgreSQL and Redis, run by Aegra."""
