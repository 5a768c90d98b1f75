"""The events of e-mail service providers: one reader, and a table for each provider."""
