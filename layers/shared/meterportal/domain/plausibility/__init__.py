"""Plausibility: is this counter value likely, and if not, what happened?

`numbers` reads what was typed, `usage` turns readings into pages, `expectation` forecasts them,
`rules` and `machine_rules` hold one function per rule, `verdict` combines them, `texts` says it.
"""
