"""Writes released readings to files, each reading in exactly one batch."""
