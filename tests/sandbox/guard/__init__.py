"""Tests of sandbox.guard."""
