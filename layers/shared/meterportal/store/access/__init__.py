"""How the table keeps links, codes, sessions, passwords, limits, and who may see what."""
