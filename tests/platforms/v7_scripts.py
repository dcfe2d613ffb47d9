"""The registration scripts, rendered as the settings do and run as an operator runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drawbridge import templates
from tests.clients.environment import darwin_py
from tests.platforms.v7_api import BUCKET, DATASET, INTEGRATION, KEY, SLUG, TEAM, V7

CLIENTS = ["rest", "darwin-py"]
VALUES = {"grant": "scans-v7", "integration": INTEGRATION, "slug": SLUG, "bucket": BUCKET}
EVERYTHING = [""]

IMAGE = {
    "type": "image",
    "storage_key": "a/1.png",
    "storage_thumbnail_key": "a/1-small.jpg",
    "width": 640,
    "height": 480,
}
SLOT = {
    "slot_name": "0",
    "file_name": "walk.mp4",
    "type": "video",
    "storage_key": "walk/walk.mp4",
    "storage_sections_key_prefix": "walk/sections/high",
    "storage_sections_key_extension": "jpg",
    "storage_low_quality_sections_key_prefix": "walk/sections/low",
    "storage_frames_manifest_key": "walk/frames_manifest.txt",
    "storage_thumbnail_key": "walk/thumbnail.jpg",
    "storage_audio_peaks_key": "walk/audio_peaks.gz",
    "hls_segments": {
        "high_quality": {"index": "#EXTM3U\nwalk/segments/high/0.ts\n", "bitrate": 2000000},
        "low_quality": {"index": "#EXTM3U\nwalk/segments/low/0.ts\n", "bitrate": 500000},
    },
    "native_fps": 29.97,
    "visible_frames": 250,
    "total_frames": 250,
    "width": 1920,
    "height": 1080,
    "size_bytes": 123456,
}
VIDEO = {"name": "walk.mp4", "slots": [SLOT]}


@dataclass
class Done:
    """How a script ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Operator:
    """Has the settings and a home of their own."""

    home: Path

    def environment(self, url: str, key: str | None = KEY) -> dict[str, str]:
        """No more than a script needs; darwin-py waits a minute after a 429 unless told otherwise."""
        waits = {"DARWIN_RETRY_INITIAL_WAIT": "0", "DARWIN_RETRY_MAX_WAIT": "0"}
        keys = {} if key is None else {"V7_API_KEY": key}
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], "DARWIN_BASE_URL": url, **waits, **keys}

    def script(self, client: str, read_only: bool, **values: Any) -> Path:
        """Writes a script as the settings do."""
        path = self.home / f"v7-register-{client}.py"
        path.write_text(rendered(client, read_only, **values), encoding="utf-8")
        return path

    def items(self, lines: list[Any]) -> Path:
        """Writes the file with the items: keys as they are, everything else as JSON."""
        path = self.home / "items.txt"
        text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        path.write_text(text, encoding="utf-8")
        return path

    def command(self, client: str, read_only: bool, lines: list[Any], *more: str, **values: Any) -> list[str]:
        """What the operator types."""
        python = darwin_py() if client == "darwin-py" else Path(sys.executable)
        script, items = self.script(client, read_only, **values), self.items(lines)
        given = [] if "--dataset" in more else ["--dataset", DATASET]
        given += [] if "--team" in more else ["--team", TEAM]
        return [str(python), str(script), *given, *more, str(items)]

    def run(
        self,
        client: str,
        read_only: bool,
        lines: list[Any],
        *more: str,
        v7: V7 | str,
        key: str | None = KEY,
        **values: Any,
    ) -> Done:
        """Runs a script to its end; it never shows the key, a traceback or a half-made config of darwin-py."""
        command = self.command(client, read_only, lines, *more, **values)
        url = v7 if isinstance(v7, str) else v7.url
        done = subprocess.run(
            command, env=self.environment(url, key), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert KEY not in done.stdout + done.stderr
        if not isinstance(v7, str):
            assert not v7.requests or command[1] in v7.commands
            assert not [word for word in v7.commands if KEY in word]
        assert not (self.home / ".darwin").exists()
        return Done(done.returncode, done.stdout, done.stderr)


def rendered(client: str, read_only: bool, **values: Any) -> str:
    """A script's text."""
    return templates.text(
        f"v7-register-{client}.py.j2", read_only=read_only, **{"folders": EVERYTHING, **VALUES, **values}
    )


def loaded(client: str, read_only: bool, **values: Any) -> Any:
    """A script as a module, without running it."""
    module = types.ModuleType("script")
    exec(compile(rendered(client, read_only, **values), "script", "exec"), module.__dict__)  # noqa: S102
    return module


def keys(count: int) -> list[str]:
    return [f"studies/{number:04}.png" for number in range(count)]


BOTH = pytest.mark.parametrize("client", CLIENTS)
EACH = pytest.mark.parametrize("read_only", [False, True], ids=["read-write", "read-only"])
