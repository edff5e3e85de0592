"""The batch: every page for every working group, with an honest account of how each ended."""
