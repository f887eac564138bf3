"""Middle storey: what is produced, reported and summed."""
