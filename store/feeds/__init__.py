"""Reading what mail systems write: bytes in, records out; no database, no clock, no trust in the input."""
