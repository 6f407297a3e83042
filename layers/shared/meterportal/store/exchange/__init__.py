"""How the table keeps imports from the ERP, exports to it, and its acknowledgements."""
