"""What the contact's routes answer."""
