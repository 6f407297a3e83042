"""A table image: DynamoDB's answers from this machine's disk, inside the process, with what they cost."""
