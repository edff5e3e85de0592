"""Two runs side by side: what changed in values, places, flags and texts, and why, the biggest first."""
