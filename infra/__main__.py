"""The Pulumi program: raises what the stack's grants amount to."""

from drawbridge.program import main

main()
