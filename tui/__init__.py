"""What the operator touches: the full-screen app and the command line."""
