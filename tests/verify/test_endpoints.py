"""The endpoint map: empty where none is named, and a clear word where it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drawbridge.verify import endpoints as module
from drawbridge.verify.endpoints import VARIABLE, Endpoints, WrongEndpoints, endpoints


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    endpoints.cache_clear()
    yield
    endpoints.cache_clear()


def test_without_a_map_the_hosts_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert endpoints() == Endpoints(ca="", stores={}, principals={})


def test_a_map(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = {
        "ca": "/ca.pem",
        "stores": {"aws": {"endpoint": "https://127.0.0.1:1", "plain": "http://127.0.0.1:2"}},
        "principals": {"arn:aws:iam::258327614892:role/external_s3": "v7-aws"},
    }
    (tmp_path / "map.json").write_text(json.dumps(written))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "map.json"))
    assert endpoints().model_dump() == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "DRAWBRIDGE_ENDPOINTS: [Errno 2] No such file or directory: '"),
        ("{", "is no endpoint map: "),
        ("[]", "is no endpoint map: "),
        ('{"stores": {"aws": {}}}', "stores.aws.endpoint: Field required; stores.aws.plain: Field required"),
        ('{"keys": {}}', "keys: Extra inputs are not permitted"),
        ("\xff", "is no endpoint map: "),
    ],
)
def test_what_is_no_map_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "map.json").write_text(text)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "map.json"))
    with pytest.raises(WrongEndpoints) as error:
        endpoints()
    assert said in str(error.value)
    assert str(error.value).startswith(f"{module.VARIABLE}: ")
