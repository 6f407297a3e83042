"""What handlers call for companies, contacts, contracts, machines and meters; Portal Ready; rights; selections."""
