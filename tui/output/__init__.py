"""Between the drawing and the terminal: only cells that changed are sent, and no more than the line can carry."""
