"""Reading instructions: how a machine shows its counters. Shipped per maker; the dealer may edit
them."""
