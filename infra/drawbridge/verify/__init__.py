"""Whether a plan grants what was asked and no more."""
