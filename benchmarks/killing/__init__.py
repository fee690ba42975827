"""Parts of `kills.py`: what is killed, the process that is killed, and what the provider saw."""
