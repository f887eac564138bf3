"""What the cast lacks, made straight in the tables: quick, without audit or stale marks."""
