"""A small, believable world, made by a seeded script."""
