"""Reading instructions: how a machine shows its counters, shipped per maker and editable by the dealer."""
