"""The environment of a rehearsal lets nothing of a real cloud through."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trainyard.facts.origin import rehearsal
from trainyard.sandbox import engine, environment, running
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.running import Running

REAL = {
    "GOOGLE_APPLICATION_CREDENTIALS": "/home/me/key.json",
    "GOOGLE_OAUTH_ACCESS_TOKEN": "ya29.x",
    "GOOGLE_CREDENTIALS": "{}",
    "CLOUDSDK_CORE_PROJECT": "real",
    "CLOUDSDK_AUTH_ACCESS_TOKEN": "x",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_SESSION_TOKEN": "x",
    "AWS_PROFILE": "real",
    "ARM_CLIENT_SECRET": "x",
    "AZURE_CLIENT_SECRET": "x",
    "AZURE_FEDERATED_TOKEN_FILE": "/home/me/token",
    "IDENTITY_ENDPOINT": "http://169.254.169.254/token",
    "IDENTITY_HEADER": "x",
    "MSI_ENDPOINT": "http://169.254.169.254/token",
    "COREWEAVE_API_TOKEN": "x",
    "LAMBDA_API_KEY": "x",
    "PAPERSPACE_API_KEY": "x",
    "PULUMI_ACCESS_TOKEN": "pul-x",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/home/me/passphrase",
    "PULUMI_CREDENTIALS_PATH": "/home/me/.pulumi",
}
REPLACED = {
    "PULUMI_BACKEND_URL": "gs://real-state",
    "PULUMI_HOME": "/home/me/.pulumi",
    "PULUMI_CONFIG_PASSPHRASE": "real",
    "PULUMI_DEBUG_PROVIDERS": "gcp:1",
    "KUBECONFIG": "/home/me/.kube/config",
    "CLOUDSDK_CONFIG": "/home/me/.config/gcloud",
    "AWS_SHARED_CREDENTIALS_FILE": "/home/me/.aws/credentials",
    "TRAINYARD_SANDBOX": "/elsewhere/sandbox.json",
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(root=tmp_path / "it's here" / ".sandbox")
    folder.make()
    return folder


@pytest.fixture
def sandbox(folder: Folder) -> Running:
    there = Running(
        pid=1,
        started="1",
        folder=folder.root,
        store=folder.store,
        token="t",
        providers={"gcp": 40001, "aws": 40002},
        api={"gcp": "http://127.0.0.1:40010"},
    )
    running.write(folder, there)
    return there


def test_no_credential_of_a_real_cloud_is_handed_on(folder: Folder, sandbox: Running) -> None:
    given = environment.rehearsal(folder, sandbox, {**REAL, "EDITOR": "vi"}, folder.root)
    assert sorted(set(REAL) & set(given)) == []
    assert given["EDITOR"] == "vi"


def test_amazons_own_tools_reach_the_sandbox_with_a_key_that_no_account_has(folder: Folder, sandbox: Running) -> None:
    there = replace(sandbox, api={**sandbox.api, "aws": "http://127.0.0.1:40011"})
    given = environment.rehearsal(folder, there, REAL, folder.root)
    assert given["AWS_ENDPOINT_URL"] == "http://127.0.0.1:40011"
    assert given["AWS_ACCESS_KEY_ID"].startswith("AKIA0000")
    assert given["AWS_SECRET_ACCESS_KEY"] == "t"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(given)


def test_a_real_backend_and_home_are_replaced(folder: Folder, sandbox: Running) -> None:
    given = environment.rehearsal(folder, sandbox, REPLACED, folder.root)
    assert {name for name in REPLACED if given[name] == REPLACED[name]} == set()
    for name in ("KUBECONFIG", "CLOUDSDK_CONFIG", "AWS_SHARED_CREDENTIALS_FILE", "PULUMI_HOME", "AZURE_CONFIG_DIR"):
        assert given[name].startswith(f"{folder.root}/")


def test_azures_default_login_looks_nowhere_but_in_variables_that_are_not_there(
    folder: Folder, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import DefaultAzureCredential

    given = environment.rehearsal(folder, sandbox, {**os.environ, **REAL}, folder.root)
    for name in set(os.environ) - set(given):
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    login = DefaultAzureCredential()
    assert [type(one).__name__ for one in login.credentials] == ["EnvironmentCredential"]
    with pytest.raises(ClientAuthenticationError):
        login.get_token("https://management.azure.com/.default")


def test_the_environment_is_a_whole_rehearsal(folder: Folder, sandbox: Running) -> None:
    given = environment.rehearsal(folder, sandbox, {"PATH": "/usr/bin"}, folder.root)
    found = rehearsal(given)
    assert found is not None
    assert (found.folder, dict(found.providers)) == (folder.root, {"gcp": 40001, "aws": 40002})
    assert given["PULUMI_DEBUG_PROVIDERS"] == "aws:40002,gcp:40001"
    assert given["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert given["PULUMI_CONFIG_PASSPHRASE"] == "trainyard-sandbox"


def test_loopback_goes_through_no_proxy(folder: Folder, sandbox: Running) -> None:
    given = environment.rehearsal(
        folder, sandbox, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.com"}, folder.root
    )
    assert given["NO_PROXY"] == given["no_proxy"] == "example.com,127.0.0.1,localhost,::1"


def test_the_engine_and_this_python_come_first_on_the_path(
    folder: Folder, sandbox: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "locate", lambda: tmp_path / "engine")
    given = environment.rehearsal(folder, sandbox, {"PATH": "/usr/bin:/bin"}, folder.root)
    assert given["PATH"] == f"{tmp_path / 'engine'}:{Path(sys.executable).parent}:/usr/bin:/bin"


def test_without_an_engine_the_rest_still_works(
    folder: Folder, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Path:
        message = "run make setup"
        raise engine.EngineMissingError(message)

    monkeypatch.setattr(engine, "locate", missing)
    given = environment.rehearsal(folder, sandbox, {"PATH": "/bin"}, folder.root)
    assert given["PATH"] == f"{Path(sys.executable).parent}:/bin"
    assert environment.engine_folder() == "run make setup"


def test_the_policy_pack_of_the_commands_checkout_is_used_where_there_is_one(
    folder: Folder, sandbox: Running, tmp_path: Path
) -> None:
    stacks = tmp_path / "stacks"
    (tmp_path / ".git").mkdir()
    stacks.mkdir()
    assert "PULUMI_OPTION_POLICY_PACK" not in environment.rehearsal(folder, sandbox, {}, stacks)
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "PulumiPolicy.yaml").write_text("runtime: python\n")
    assert environment.rehearsal(folder, sandbox, {}, stacks)["PULUMI_OPTION_POLICY_PACK"] == str(policies)


def test_a_shell_that_evaluates_the_exports_has_the_same_environment(folder: Folder, sandbox: Running) -> None:
    given = {**REAL, **REPLACED, "PATH": "/usr/bin:/bin"}
    script = f"{environment.exports(folder, sandbox, given, folder.root)}\nenv -0"
    told = subprocess.run(["/bin/sh", "-c", script], env=given, capture_output=True, check=True).stdout.decode()
    shell = dict(line.split("=", 1) for line in told.split("\0") if line)
    expected = environment.rehearsal(folder, sandbox, given, folder.root)
    assert {name: shell.get(name) for name in expected} == expected
    assert sorted(set(REAL) & set(shell)) == []
