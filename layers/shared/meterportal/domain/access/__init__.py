"""The rules of links, codes, sessions, passwords, limits, and who may see what."""
