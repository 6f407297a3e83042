"""The rules of overview, entry, fleet sheets, history, reading help, photos, problems,
successors."""
