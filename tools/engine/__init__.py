"""How the Pulumi CLI gets here: the user's own, else Pulumi's installer, else built from the pinned Go modules."""
