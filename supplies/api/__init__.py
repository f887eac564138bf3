"""REST over the middle storey: reports, totals, their sources, coverage, products."""
