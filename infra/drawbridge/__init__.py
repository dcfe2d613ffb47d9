"""Drawbridge lets a data platform into your storage and no further."""
