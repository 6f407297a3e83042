"""Staff's sign-in: keeps what renews a token away from every script."""
