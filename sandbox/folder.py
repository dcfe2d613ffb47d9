"""Where the sandbox of one checkout keeps what it makes; everything lies under .sandbox/, which git ignores."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drawbridge import private

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Folder:
    """The checkout at `root` and the paths inside it."""

    root: Path = ROOT

    @property
    def state(self) -> Path:
        """All that the sandbox makes."""
        return self.root / ".sandbox"

    @property
    def project(self) -> Path:
        """The sandbox's Pulumi project."""
        return self.root / "sandbox"

    @property
    def ca(self) -> Path:
        """The certificate authority that every client of the sandbox trusts."""
        return self.state / "tls" / "ca.pem"

    @property
    def certificate(self) -> Path:
        """The servers' certificate and key, in one file."""
        return self.state / "tls" / "server.pem"

    @property
    def passphrase(self) -> Path:
        """What the secrets in the sandbox's Pulumi state are encrypted with."""
        return self.state / "passphrase"

    @property
    def aws_config(self) -> Path:
        """AWS profiles with the servers' endpoints."""
        return self.state / "aws" / "config"

    @property
    def aws_credentials(self) -> Path:
        """AWS profiles with the keys."""
        return self.state / "aws" / "credentials"

    @property
    def endpoints(self) -> Path:
        """Where the servers are, with and without TLS, and with which profile one acts as a platform's principal."""
        return self.state / "endpoints.json"

    def raised(self, stack: str) -> Path:
        """Which servers, by their instance ids, a stack's last successful `up` ran against."""
        return self.state / "config" / f"{stack}.raised.json"

    def server(self, name: str) -> Path:
        """The pid file of a server."""
        return self.state / "servers" / f"{name}.json"

    def log(self, name: str) -> Path:
        """The log of a server."""
        return self.state / "servers" / f"{name}.log"

    def prepare(self) -> None:
        """Makes the folders and the passphrase."""
        for folder in ("tls", "aws", "servers", "backend", "config", "pulumi"):
            (self.state / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        self.state.chmod(0o700)
        if not self.passphrase.exists():
            private.write(self.passphrase, secrets.token_urlsafe(24))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held by whoever starts or stops servers."""
        self.state.mkdir(exist_ok=True, mode=0o700)
        with (self.state / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
