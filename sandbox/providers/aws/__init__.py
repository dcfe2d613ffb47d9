"""The stand-in for pulumi-aws: one file per resource type or function, found by RESOURCE and FUNCTION."""
