"""The only place that calls DynamoDB; no other package knows keys and attribute names."""
