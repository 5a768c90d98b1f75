"""Mails that come back to the bounce address, in the styles of many mail programs, in words of our own."""
