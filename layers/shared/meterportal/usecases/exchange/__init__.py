"""What handlers call for imports from the ERP, exports to it, and its acknowledgements."""
