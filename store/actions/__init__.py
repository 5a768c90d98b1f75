"""Writes, by noun: one function per operator action, change and journal entry in one transaction."""
