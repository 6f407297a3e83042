"""Tables that people and programs hand in, read in the same way for ERP imports and fleet
sheets."""
