"""What people want done: load, decide in the domain, store and mail."""
