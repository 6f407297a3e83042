"""The portal in a real browser, for the rows 11 and 12: an application with a fleet of any size."""
