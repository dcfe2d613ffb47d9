"""aws:iam/rolePolicy:RolePolicy."""

from sandbox.providers.aws.iam import InlinePolicy


class RolePolicy(InlinePolicy):
    """What a role may."""

    name, kind = "aws:iam/rolePolicy:RolePolicy", "role"
    inputs = frozenset({"role", "name", "policy"})


RESOURCE = RolePolicy()
