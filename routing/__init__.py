"""The parts of a task map: embedders, clusters, and each member's record on them."""
