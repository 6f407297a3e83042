"""The rules of companies, contacts, contracts, machines, meters, Portal Ready, rights,
selections."""
