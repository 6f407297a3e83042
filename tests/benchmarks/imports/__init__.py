"""How long an import of an export of any size takes, and in how much memory: see docs/scaling.md."""
