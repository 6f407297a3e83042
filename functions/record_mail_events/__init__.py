"""What became of a mail, as SES tells."""
