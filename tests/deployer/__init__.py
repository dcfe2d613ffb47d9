"""The policy of the identity that runs `pulumi up`: the document, and that a stack is deployed with it and not with less."""
