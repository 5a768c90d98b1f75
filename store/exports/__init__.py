"""Writing rows to files."""
