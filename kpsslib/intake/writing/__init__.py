"""Writing: the workbook of a return, to fill in or filled in."""
