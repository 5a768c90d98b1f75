"""Keeping the store sound: copies that can be trusted, the way back to one, and what the doctor looks at."""
