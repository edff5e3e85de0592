"""Returns: cells of a return to who reports, figures, findings, and an account of every cell."""
