"""Formats: bytes of a workbook or a text to cells, the same for every format."""
