"""Docker and the accelerators' toolkit: what the image has stays, what it lacks is brought."""

import pytest

from components.bootstrap.container_runtime import container_runtime
from tests.components.bootstrap.conftest import Node

SCRIPT = "container_runtime.sh"


@pytest.fixture
def ready(node: Node) -> Node:
    (node.folder / "bin" / "curl").unlink()
    for name in ("docker", "nvidia-ctk", "apt-get", "curl", "gpg", "gcloud"):
        node.program(name)
    return node


def run(node: Node, *, gpus: bool, registries: tuple[str, ...] = ()) -> None:
    node.configure(container_runtime(gpus=gpus, registries=registries))
    lists = {"KEYRING": str(node.folder / "key"), "SOURCES": str(node.folder / "list")}
    result = node.run(SCRIPT, **lists)
    assert result.returncode == 0, result.stderr


def test_an_image_that_has_both_is_only_configured(ready: Node) -> None:
    run(ready, gpus=True)
    assert ready.calls("apt-get") == []
    assert ready.calls("nvidia-ctk") == ["runtime configure --runtime=docker"]
    assert ready.calls("systemctl") == ["restart docker"]


def test_a_machine_without_gpus_gets_no_toolkit(ready: Node) -> None:
    (ready.folder / "bin" / "nvidia-ctk").unlink()
    run(ready, gpus=False)
    assert ready.calls("apt-get") == []
    assert ready.calls("systemctl") == []


def test_what_is_missing_is_installed_and_apt_is_waited_for(ready: Node) -> None:
    (ready.folder / "bin" / "docker").unlink()
    run(ready, gpus=True)
    installs = [call for call in ready.calls("apt-get") if " install " in call]
    assert len(installs) == 1
    assert installs[0].endswith("docker.io")
    assert all("DPkg::Lock::Timeout=600" in call for call in ready.calls("apt-get"))


def test_the_toolkit_comes_from_nvidia_s_own_packages_signed_by_their_key(ready: Node) -> None:
    program = ready.folder / "bin" / "nvidia-ctk"
    program.unlink()
    made = f"printf '#!/bin/bash\\n' >{program}; chmod 755 {program}"
    ready.program("apt-get", f'case "$*" in *toolkit*) {made} ;; esac')
    run(ready, gpus=True)
    text = (ready.folder / "list").read_text()
    assert text == (
        f"deb [signed-by={ready.folder}/key] https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /\n"
    )


def test_docker_logs_in_to_the_registries_as_the_node(ready: Node) -> None:
    run(ready, gpus=False, registries=("europe-docker.pkg.dev", "us-docker.pkg.dev"))
    assert ready.calls("gcloud") == [
        "auth configure-docker europe-docker.pkg.dev --quiet",
        "auth configure-docker us-docker.pkg.dev --quiet",
    ]
