"""Pages of the middle storey."""
