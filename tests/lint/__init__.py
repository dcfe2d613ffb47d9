"""Lints every policy document with parliament, which knows the names of all permissions."""
