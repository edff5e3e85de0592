"""Mapping: tables designed by others, read by a mapping that says which column is which item."""
