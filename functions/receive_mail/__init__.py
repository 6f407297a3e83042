"""Messages that came in by mail, brought to their end."""
