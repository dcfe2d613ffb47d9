"""The sandbox: local servers, stand-in providers and a stack of its own, so that everything runs without an account."""
