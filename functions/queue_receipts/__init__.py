"""Whose reports have come to rest: their receipts are queued."""
