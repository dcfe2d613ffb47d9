"""Whether a plan grants what was asked and no more, as an independent engine decides from its documents."""
