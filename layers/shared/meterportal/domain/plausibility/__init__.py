"""Plausibility: is this counter value likely, and if not, what happened?

`numbers` reads typed numbers, `usage` computes the pages between readings, `expectation` forecasts
them, `rules` and `machine_rules` have one function per rule, `verdict` combines them, `texts` has
the sentences.
"""
