"""`make month CONTRACTS=1000`: a month of a portfolio of any size in one process; see docs/scaling.md."""
