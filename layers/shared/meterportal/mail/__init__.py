"""The only place that talks to SES; a mail is a value first."""
