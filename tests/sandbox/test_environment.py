"""The sandbox's environment: nothing of the user's clouds gets in, and its own secrets stay in their files."""

from __future__ import annotations

import configparser
import json
import os
import stat
from pathlib import Path

import pytest

from sandbox import environment as module
from sandbox.folder import Folder
from sandbox.servers import Running

PORTS = {"aws": 4001, "wasabi": 4002, "compatible": 4003}
SERVERS = {name: Running(name, 1, 1.0, port, "x", port + 100) for name, port in PORTS.items()}


@pytest.mark.parametrize(
    "name",
    ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "REQUESTS_CA_BUNDLE", "AZURE_CLIENT_SECRET",
     "GOOGLE_APPLICATION_CREDENTIALS", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "https_proxy",
     "DRAWBRIDGE_ENDPOINTS"],
)  # fmt: skip
def test_what_belongs_to_the_users_clouds_does_not_get_in(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, "theirs")
    assert "theirs" not in module.environment(Folder(tmp_path)).values()


def test_what_belongs_to_the_user_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    found = module.environment(Folder(tmp_path))
    assert found["LC_ALL"] == "C.UTF-8"
    assert found["HOME"] == os.environ["HOME"]
    assert found["PATH"].endswith(os.environ["PATH"])


def test_the_passphrase_goes_by_file_and_is_made_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    passphrase = folder.passphrase.read_text()
    folder.prepare()
    assert folder.passphrase.read_text() == passphrase
    assert passphrase not in module.environment(folder).values()
    assert stat.S_IMODE(folder.passphrase.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.state.stat().st_mode) == 0o700


def test_profiles_follow_the_servers_and_keys_stay(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    module.write_keys(folder)
    module.write_profiles(folder, SERVERS)
    keys = folder.aws_credentials.read_text()
    moved = {
        name: Running(name, 1, 1.0, running.port + 10, "y", running.port + 110) for name, running in SERVERS.items()
    }
    module.write_keys(folder)
    module.write_profiles(folder, moved)
    assert folder.aws_credentials.read_text() == keys
    config = folder.aws_config.read_text()
    assert "https://127.0.0.1:4011" in config
    assert "https://127.0.0.1:4012" in config
    assert config.count("https://127.0.0.1:4013") == 3
    assert "400" not in config
    for path in (folder.aws_credentials, folder.aws_config, folder.endpoints):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_platforms_principals_have_profiles_and_keys(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    module.write_keys(folder)
    module.write_profiles(folder, SERVERS)
    config, keys = (configparser.ConfigParser(interpolation=None) for _ in range(2))
    config.read(folder.aws_config)
    keys.read(folder.aws_credentials)
    assert sorted(keys.sections()) == [
        "lightly-aws", "minio", "obs", "s3", "sandbox", "v7-aws-source", "v7-wasabi", "wasabi",
    ]  # fmt: skip
    assert dict(keys["minio"]) == dict(keys["obs"]) == dict(keys["s3"]), "one administrator of one server"
    assert len({keys[profile]["aws_secret_access_key"] for profile in keys.sections()}) == 6
    assert dict(config["profile v7-aws"]) == {
        "region": module.REGION,
        "endpoint_url": "https://127.0.0.1:4001",
        "ca_bundle": str(folder.ca),
        "role_arn": "arn:aws:iam::258327614892:role/external_s3",
        "source_profile": "v7-aws-source",
    }
    assert config["profile v7-wasabi"]["endpoint_url"] == "https://127.0.0.1:4002"


def test_where_everything_is_and_who_acts_as_whom(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    module.write_keys(folder)
    module.write_profiles(folder, SERVERS)
    assert module.environment(folder)["DRAWBRIDGE_ENDPOINTS"] == str(folder.endpoints)
    assert json.loads(folder.endpoints.read_text()) == {
        "ca": str(folder.ca),
        "stores": {
            "aws": {"endpoint": "https://127.0.0.1:4001", "plain": "http://127.0.0.1:4101"},
            "wasabi": {"endpoint": "https://127.0.0.1:4002", "plain": "http://127.0.0.1:4102"},
            **{
                kind: {"endpoint": "https://127.0.0.1:4003", "plain": "http://127.0.0.1:4103"}
                for kind in ("minio", "obs", "s3")
            },
        },
        "principals": {
            "arn:aws:iam::258327614892:role/external_s3": "v7-aws",
            "arn:aws:iam::100000274636:user/darwin": "v7-wasabi",
            "arn:aws:iam::916419735646:user/lightly": "lightly-aws",
        },
    }


def test_the_minio_provider_is_told_server_and_keys_once_there_is_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    module.write_keys(folder)
    monkeypatch.setenv("MINIO_USER", "theirs")
    assert not [name for name in module.environment(folder) if name.startswith("MINIO_")]
    monkeypatch.setattr(module, "find", lambda _folder, name: SERVERS[name])
    found = {name: value for name, value in module.environment(folder).items() if name.startswith("MINIO_")}
    keys = module.credentials(folder)["minio"]
    assert found == {
        "MINIO_ENDPOINT": "127.0.0.1:4003",
        "MINIO_ENABLE_HTTPS": "true",
        "MINIO_CACERT_FILE": str(folder.ca),
        "MINIO_USER": keys["aws_access_key_id"],
        "MINIO_PASSWORD": keys["aws_secret_access_key"],
    }
