"""From a line of pool.yaml to a reply: the one room that calls models."""
