"""The real Pulumi engine over the sandbox."""
