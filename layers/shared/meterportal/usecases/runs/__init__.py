"""What handlers call for what all runs behind the queues share: begun once, marked as failed, started again."""
