"""Staff's routes."""
