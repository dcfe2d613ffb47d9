"""Tests, which mirror the package; what needs a cloud runs against one sandbox that all of them share."""
