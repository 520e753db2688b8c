"""The backend's fingerprint, found where the CLI finds the backend."""

import json
import socket
from pathlib import Path

import pytest

from trainyard.provider.backend import fingerprint

HOST = socket.gethostname()


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def login(home: Path, url: str) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    (home / "credentials.json").write_text(json.dumps({"current": url}))
    return {"PULUMI_HOME": str(home), "HOME": str(home.parent)}


def test_the_environment_goes_before_the_project_and_the_login(tmp_path: Path) -> None:
    environ = login(tmp_path / "home", "https://api.pulumi.com")
    assert fingerprint(environ) == "https://api.pulumi.com"
    (tmp_path / "Pulumi.yaml").write_text("name: x\nbackend:\n  url: s3://of-project\n")
    assert fingerprint(environ) == "s3://of-project"
    assert fingerprint({**environ, "PULUMI_BACKEND_URL": "gs://of-environment/x"}) == "gs://of-environment/x"


def test_without_any_login_it_is_the_service(tmp_path: Path) -> None:
    assert fingerprint({"HOME": str(tmp_path)}) == "https://api.pulumi.com"


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"current": null}'])
def test_a_broken_login_file_counts_as_none(tmp_path: Path, broken: str) -> None:
    (tmp_path / "credentials.json").write_text(broken)
    assert fingerprint({"PULUMI_HOME": str(tmp_path), "HOME": "/nowhere"}) == "https://api.pulumi.com"


def test_credentials_and_query_are_no_part_of_it() -> None:
    url = "https://me:word@state.acme.example/team/?token=abc"
    assert fingerprint({"PULUMI_BACKEND_URL": url}) == "https://state.acme.example/team"
    assert fingerprint({"PULUMI_BACKEND_URL": "s3://acme?region=eu-west-1"}) == "s3://acme"


def test_a_folder_counts_with_its_machine_however_it_is_written(tmp_path: Path) -> None:
    wanted = f"file://{HOST}{tmp_path}/state"
    environ = {"HOME": str(tmp_path)}
    for url in (f"file://{tmp_path}/state", "file://~/state", "file://./state", f"file://{tmp_path}/x/../state"):
        assert fingerprint({**environ, "PULUMI_BACKEND_URL": url}) == wanted
