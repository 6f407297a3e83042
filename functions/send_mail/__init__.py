"""The only function that sends mail."""
