"""The ERP's exports, from the queue: uploads of staff, and files put into the drop."""
