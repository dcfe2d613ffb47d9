"""Pulumi's own installer, pinned to a version."""

import os
import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tools.progress import CommandFailed, Word, run

# A mirror of the script can be named here; it is run with the same arguments.
SCRIPT = "DRAWBRIDGE_PULUMI_INSTALLER"
DEFAULT = "https://get.pulumi.com"
TIMEOUT = 20  # seconds for the script itself
LIMIT = 600  # seconds for what it downloads


def install(version: str, folder: Path) -> None:
    """Puts the CLI and its helpers into the folder; raises CommandFailed."""
    url = os.environ.get(SCRIPT, DEFAULT)
    with tempfile.TemporaryDirectory() as temporary:
        script, root = Path(temporary) / "install.sh", Path(temporary) / "root"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 (the address is ours or the user's)
                script.write_bytes(answer.read())
        except (OSError, ValueError) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise CommandFailed(f"{url} cannot be reached ({reason})") from None
        command: list[Word] = ["sh", script, "--version", version, "--install-root", root, "--no-edit-path"]
        run(f"Installing Pulumi {version}", command, limit=LIMIT)
        for file in (root / "bin").glob("*"):
            shutil.move(file, folder / file.name)
