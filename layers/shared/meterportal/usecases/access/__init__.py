"""What handlers call for links, codes, sessions, passwords, limits, and who may see what."""
