"""What staff's routes answer."""
