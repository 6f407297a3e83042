"""Who is asked for readings: rounds of staff, and the daily plan."""
