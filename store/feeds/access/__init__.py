"""Clicks, opens and unsubscriptions from the access log of a web server."""
