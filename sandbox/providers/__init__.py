"""Stand-ins for the clouds' Pulumi providers, which drive the local servers through the same APIs."""
