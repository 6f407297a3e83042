"""The rules of buckets, release runs, and release by hand."""
