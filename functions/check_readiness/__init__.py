"""Portal Ready over large selections and, every night, the whole portfolio."""
