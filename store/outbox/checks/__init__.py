"""What is checked before a send: one rule a function, each with its findings."""
