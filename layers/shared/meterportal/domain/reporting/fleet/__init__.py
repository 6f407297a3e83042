"""Fleet sheets: the readings of many machines in a table. What is handed out, what comes back,
which machines and meters it is about."""
