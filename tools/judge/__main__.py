"""`python -m tools.judge install`, `command` (what starts the judge, as JSON) or `lock`."""

import json
import sys

from tools.judge import install
from tools.progress import CommandFailed, say


def main(words: list[str]) -> int:
    """1 where it is not installed, or cannot be."""
    try:
        if words == ["install"]:
            install.install()
        elif words == ["lock"]:
            install.lock()
        elif words == ["command"]:
            found = install.command()
            print(json.dumps([str(word) for word in found or ()]))
            return 0 if found else 1
        else:
            say(__doc__)
            return 2
    except CommandFailed as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
