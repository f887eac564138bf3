"""Pages of the ground storey."""
