"""What the business is: pure, standard library only."""
