"""The store: mail, tables and decisions; no screen."""
