"""The only place that talks to DynamoDB; keys and attribute names stay in here."""
