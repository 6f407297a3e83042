"""Readings of many machines on a spreadsheet: what is handed out, what comes back, what it means."""
