"""Our own widgets."""
