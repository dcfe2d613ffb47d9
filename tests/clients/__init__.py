"""Environments for clients that cannot be in ours."""
