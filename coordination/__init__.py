"""Top storey: the project package, and the liaison work of the bureau."""
