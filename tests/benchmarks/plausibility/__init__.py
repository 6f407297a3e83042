"""Quality and speed of the plausibility check: fleets, planted slips, reference rules, the table."""
