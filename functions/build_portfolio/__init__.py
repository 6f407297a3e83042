"""Builds the snapshot of the portfolio that the console's lists live on."""
