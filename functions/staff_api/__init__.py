"""The clerk's routes."""
