"""REST over the ground storey, and what every endpoint of the project stands on (endpoint.py)."""
