"""Secrets come from the cloud at start, as files in memory; nothing shows one."""

import base64
import stat
from collections.abc import Callable

import pytest

from components.bootstrap.secret_files import secret_files, secret_version
from tests.components.bootstrap.conftest import Node
from tests.components.bootstrap.fixtures.metadata import Metadata

pytestmark = pytest.mark.system("curl")
REFERENCE = "gcp-secret://acme-ml-dev/hf-token"
SECRET = "hf_very-secret"
ACCESS = "/v1/projects/acme-ml-dev/secrets/hf-token/versions/latest:access"


def test_a_reference_means_the_newest_version_unless_it_says_one() -> None:
    assert secret_version(REFERENCE) == "projects/acme-ml-dev/secrets/hf-token/versions/latest"
    assert secret_version(f"{REFERENCE}/7") == "projects/acme-ml-dev/secrets/hf-token/versions/7"


@pytest.mark.parametrize("wrong", ["hf_abc", "aws-secret://x/y", "gcp-secret://acme-ml-dev", "gcp-secret://a b/c"])
def test_what_is_no_reference_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no reference"):
        secret_files({"HF_TOKEN": wrong})


def test_a_name_that_no_variable_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no name of an environment variable"):
        secret_files({"HF-TOKEN": REFERENCE})


def configure(node: Node, metadata: Metadata) -> None:
    fragment = secret_files({"HF_TOKEN": REFERENCE})
    node.configure(fragment, metadata_url=metadata.url, api_url=f"{metadata.root}/v1")


def test_the_secret_lies_in_a_file_that_only_root_reads(node: Node, metadata: Metadata) -> None:
    metadata.answers[ACCESS] = f'{{"payload": {{"data": "{base64.b64encode(SECRET.encode()).decode()}"}}}}'
    configure(node, metadata)
    result = node.run("secret_files.sh")
    assert result.returncode == 0, result.stderr
    file = node.folder / "run" / "secrets" / "HF_TOKEN"
    assert file.read_text() == SECRET
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET not in result.stdout + result.stderr
    assert metadata.authorizations[ACCESS] == "Bearer ya29.token-of-the-machine"


def test_a_secret_that_may_not_be_read_is_told_by_its_name_and_asked_again(node: Node, metadata: Metadata) -> None:
    configure(node, metadata)
    result = node.run("secret_files.sh")
    assert result.returncode == 1  # systemd starts it again
    assert "HF_TOKEN could not be read from projects/acme-ml-dev/secrets/hf-token/versions/latest" in result.stderr
    assert not (node.folder / "run" / "secrets" / "HF_TOKEN").exists()


def test_a_failed_reading_keeps_the_secret_of_before(node: Node, metadata: Metadata) -> None:
    file = node.folder / "run" / "secrets" / "HF_TOKEN"
    file.parent.mkdir()
    file.write_text("before")
    configure(node, metadata)
    assert node.run("secret_files.sh").returncode == 1
    assert file.read_text() == "before"


def test_nothing_of_a_secret_is_in_what_the_node_is_given(executable: Callable[..., None]) -> None:
    content = "".join(file.content for file in secret_files({"HF_TOKEN": REFERENCE}).files)
    assert "projects/acme-ml-dev/secrets/hf-token" in content
    assert SECRET not in content
