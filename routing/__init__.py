"""How a task map is built: embedders, clusters, and each member's record on them."""
