"""Runs over a whole portfolio, Portal Ready and release, on a table image; see rows 7 and 8."""
