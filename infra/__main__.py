"""The Pulumi program: raises what the stack's grants amount to."""

import signal

from drawbridge.program import main

# Where a resource is refused, the engine interrupts the program. Python would end by joining threads of the SDK that
# wait for answers which never come, and the engine waits five seconds for that before it kills.
signal.signal(signal.SIGINT, signal.SIG_DFL)
main()
