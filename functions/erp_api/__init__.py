"""The ERP's own route: what happens to readings, as it happens."""
