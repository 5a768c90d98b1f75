"""Following feeds while they grow: from where each was left, every record once."""
