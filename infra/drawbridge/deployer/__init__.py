"""What the identity that runs `pulumi up` may have to do, and the policy that lets it do that and no more."""
