"""What handlers call for expectation, rules, causes, tolerances and back-test."""
