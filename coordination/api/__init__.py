"""The root of the REST interface: its routes, its own description, and the page to try it."""
