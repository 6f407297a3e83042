"""The contact's routes."""
