"""Ratios that have to hold: `make bench` measures them; no test is timed."""
