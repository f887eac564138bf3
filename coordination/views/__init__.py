"""Pages of the top storey."""
