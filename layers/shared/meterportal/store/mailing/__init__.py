"""How the table keeps rounds of requests and reminders, receipts, delivery events, the phone list."""
