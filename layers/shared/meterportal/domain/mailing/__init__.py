"""The rules of rounds of requests and reminders, receipts, delivery events, the phone list."""
