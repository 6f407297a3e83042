"""What handlers call for rounds of requests and reminders, receipts, delivery events, the phone list."""
