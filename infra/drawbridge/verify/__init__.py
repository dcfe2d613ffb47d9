"""Whether what is live grants what was asked and no more: tried for real."""
