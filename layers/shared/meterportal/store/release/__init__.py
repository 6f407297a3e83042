"""How the table keeps buckets, release runs, and release by hand."""
