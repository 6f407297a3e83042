"""The rules and things of the business: pure functions and values, standard library only."""
