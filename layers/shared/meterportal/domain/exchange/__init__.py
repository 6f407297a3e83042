"""The rules of imports from the ERP, exports to it, and its acknowledgements."""
