"""What leaves the workbench for people to read: reports without code and the index of a run."""
