"""A month's mails in virtual time: workers, table and SES of one process, everything else is the real code."""
