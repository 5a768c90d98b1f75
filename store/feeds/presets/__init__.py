"""Exports of campaign tools: a table (TOML) for each tool says what its files look like, :mod:`.shapes` reads them."""
