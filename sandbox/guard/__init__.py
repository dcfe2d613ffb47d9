"""The guard: a layer before moto that decides every request as AWS does, so that the sandbox says no."""
