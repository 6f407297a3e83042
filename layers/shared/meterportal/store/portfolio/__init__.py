"""How the table keeps companies, contacts, contracts, machines and meters; Portal Ready; rights; selections."""
