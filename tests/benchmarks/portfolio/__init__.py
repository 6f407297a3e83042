"""A portfolio as large as the largest dealers', and what its snapshot costs."""
