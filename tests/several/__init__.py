"""Several people and processes at one store."""
