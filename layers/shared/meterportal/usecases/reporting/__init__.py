"""What handlers call for the overview, entry, fleet sheets, history, reading help, photos, problems, successors."""
