"""What handlers call for buckets, release runs, and release by hand."""
