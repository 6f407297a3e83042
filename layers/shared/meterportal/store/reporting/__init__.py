"""How the table keeps the overview, entry, fleet sheets, history, reading help, photos, problems, successors."""
