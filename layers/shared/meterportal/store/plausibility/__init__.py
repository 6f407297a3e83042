"""How the table keeps expectation, rules, causes, tolerances and back-test."""
