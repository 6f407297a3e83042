"""Data of `make run` as earlier versions left them, one archive a version, for the test that starts them."""
