"""Dialogs with a typed result."""
