"""Sets up what is missing: the Python environment under .venv and the Pulumi CLI; quick when nothing is."""

import hashlib
import sys

from tools import uv
from tools.engine.find import NoEngine, find
from tools.places import ROOT, VENV, locked
from tools.progress import CommandFailed, Word, run, say

LOCK = ROOT / "requirements-dev.txt"
STAMP = VENV / "drawbridge-set-up"


def environment() -> None:
    """Makes .venv hold exactly what the lock names, and the package itself, editable."""
    wanted = hashlib.sha256(f"{sys.version}{ROOT}{LOCK.read_text()}{(ROOT / 'pyproject.toml').read_text()}".encode())
    if STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
        return
    if VENV.is_symlink():
        raise CommandFailed(f"{VENV} is a link; remove it, so that no other environment is emptied")
    tool = uv.find()
    STAMP.unlink(missing_ok=True)
    run(
        "Setting up Python",
        [tool, "venv", "--quiet", "--no-project", "--allow-existing", "--python", sys.executable, VENV],
    )
    pip: list[Word] = [tool, "pip"]
    target: list[Word] = ["--quiet", "--python", VENV]
    run("Installing Python packages", [*pip, "sync", *target, "--require-hashes", "--only-binary", ":all:", LOCK])
    run("Installing Drawbridge", [*pip, "install", *target, "--no-deps", "--no-build-isolation", "--editable", ROOT])
    STAMP.write_text(wanted.hexdigest())


def engine() -> None:
    """Links the CLI into the environment, unless it is the user's own, which is on PATH anyway."""
    folder, is_own = find()
    link = VENV / "bin" / "pulumi"
    target = folder / "pulumi"
    if link.is_symlink() and (is_own or link.readlink() != target):
        link.unlink()
    if not is_own and not link.is_symlink():
        link.symlink_to(target)


def main() -> int:
    """Sets up both; 1 with one clear message when that cannot be done."""
    try:
        with locked("environment"):
            environment()
        engine()
    except (CommandFailed, NoEngine) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
