"""The import of an ERP's export: files to rows, rows to records, records to changes. Pure
functions."""
