"""aws:iam/userPolicy:UserPolicy."""

from sandbox.providers.aws.iam import InlinePolicy


class UserPolicy(InlinePolicy):
    """What a user may."""

    name, kind = "aws:iam/userPolicy:UserPolicy", "user"
    inputs = frozenset({"user", "name", "policy"})


RESOURCE = UserPolicy()
