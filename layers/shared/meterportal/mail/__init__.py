"""The only place that calls SES; a mail is first a value."""
