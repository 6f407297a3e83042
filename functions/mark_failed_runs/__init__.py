"""Lambda function mark_failed_runs."""
