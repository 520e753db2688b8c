"""What runs on a node of Azure: it ends itself through Resource Manager, for a guest that powers off bills on."""

import json
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.data_mounts_azure import DataMount, data_mounts
from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import Fragment, packaged
from components.bootstrap.heartbeat_azure import heartbeat
from components.bootstrap.node_end_azure import node_end
from components.bootstrap.preemption_watch_azure import preemption_watch
from components.bootstrap.registry_login_azure import registry_login
from components.bootstrap.scratch_disks import scratch_disks
from components.bootstrap.secret_files_azure import secret_files, secret_url
from components.bootstrap.soft_end_azure import SoftEndBlob, soft_end_blob
from components.bootstrap.user_data import user_data
from tests.components.bootstrap.conftest import SCRIPTS, Node
from tests.components.bootstrap.fixtures.azure_metadata import LEASES, OWN, VM, AzureMetadata, serve_azure_metadata
from trainyard.facts.azure.machine_types import NVME_PATTERN

pytestmark = pytest.mark.system("curl")
IDENTITY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-node"
BLOB = SoftEndBlob(account="acmeleases", container="leases", path="dev-1a2b3c4d/soft-end")
BLOB_PATH = "/leases/dev-1a2b3c4d/soft-end"
DEALLOCATE, DELETE = f"POST {VM}/deallocate", f"DELETE {VM}"
REFERENCE = "azure-secret://acme-ml/hf-token"
AZURE_SCRIPTS = sorted(path.name for path in SCRIPTS.glob("*_azure.sh"))


@pytest.fixture
def metadata() -> Iterator[AzureMetadata]:
    with serve_azure_metadata() as made:
        yield made


def instant(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def every_fragment() -> tuple[Fragment, ...]:
    return (
        node_end(hard_end="2026-11-25T02:00:00Z", identity=IDENTITY, soft_end=BLOB, checkpoint_seconds=600),
        preemption_watch(),
        heartbeat(lease="dev-1a2b3c4d"),
        driver_check(accelerator_count=8),
        scratch_disks(count=8, pattern=NVME_PATTERN),
        data_mounts([DataMount(name="c", kind="blob", source="acmedata/c", write=True)], identity=IDENTITY),
        secret_files({"HF_TOKEN": REFERENCE}, identity=IDENTITY),
        registry_login(identity=IDENTITY),
        container_runtime(gpus=True, registries=("acmeimages.azurecr.io",)),
    )


# The node's end.


def tick(
    node: Node, metadata: AzureMetadata, *, hard_end: float = 600, checkpoint_seconds: int = 0
) -> subprocess.CompletedProcess[str]:
    """One minute's look."""
    fragment = node_end(
        hard_end=instant(hard_end), identity=IDENTITY, soft_end=BLOB, checkpoint_seconds=checkpoint_seconds
    )
    node.configure(
        fragment,
        metadata_url=metadata.url,
        arm_url=metadata.root,
        soft_end_url=f"{metadata.root}{BLOB_PATH}",
        end_program=str(SCRIPTS / "end_azure.sh"),
        soft_end_program=str(SCRIPTS / "soft_end_azure.sh"),
        hook=str(node.folder / "hook"),
    )
    metadata.calls.clear()
    return node.run("node_end.sh")


def ended(metadata: AzureMetadata) -> list[str]:
    return [call for call in metadata.calls if not call.startswith("GET ")]


def test_before_both_ends_the_machine_stays(node: Node, metadata: AzureMetadata) -> None:
    metadata.answers[BLOB_PATH] = instant(60)
    tick(node, metadata)
    assert ended(metadata) == []
    assert (node.folder / "state" / "soft-end").read_text().strip() == metadata.answers[BLOB_PATH]


def test_at_the_soft_end_the_machine_deallocates_itself_as_itself(node: Node, metadata: AzureMetadata) -> None:
    metadata.answers[BLOB_PATH] = instant(-1)
    metadata.statuses[DEALLOCATE] = 202
    tick(node, metadata)
    assert ended(metadata) == [DEALLOCATE]
    assert metadata.authorizations[f"{VM}/deallocate"] == f"Bearer {OWN}"


def test_the_soft_end_is_read_as_the_lease(node: Node, metadata: AzureMetadata) -> None:
    metadata.answers[BLOB_PATH] = instant(60)
    tick(node, metadata)
    assert metadata.audiences == [("https://storage.azure.com/", IDENTITY)]
    assert metadata.authorizations[BLOB_PATH] == f"Bearer {LEASES}"


def test_at_the_hard_end_it_deletes_itself(node: Node, metadata: AzureMetadata) -> None:
    metadata.statuses[DELETE] = 202
    tick(node, metadata, hard_end=-1)
    assert ended(metadata) == [DELETE]


def test_where_it_may_not_delete_itself_it_deallocates(node: Node, metadata: AzureMetadata) -> None:
    metadata.statuses |= {DELETE: 403, DEALLOCATE: 202}
    tick(node, metadata, hard_end=-1)
    assert ended(metadata) == [DELETE, DEALLOCATE]


@pytest.mark.parametrize("broken", ["refused", "no metadata"])
def test_what_fails_is_tried_again_and_never_powers_the_guest_off(
    node: Node, metadata: AzureMetadata, broken: str
) -> None:
    metadata.answers[BLOB_PATH] = instant(-1)
    metadata.statuses[DEALLOCATE] = 500
    if broken == "no metadata":
        del metadata.answers["instance/compute/resourceId"]
    for _ in range(2):
        result = tick(node, metadata)
        assert "could not be ended; trying again in a minute" in result.stderr
        assert node.calls("shutdown") + node.calls("systemctl") == []
        assert ended(metadata) == ([DEALLOCATE] if broken == "refused" else [])


def test_the_hook_runs_once_before_the_end_however_often_that_is_tried(
    node: Node, metadata: AzureMetadata, executable: Callable[[Path, str], None]
) -> None:
    metadata.answers[BLOB_PATH] = instant(-1)
    metadata.statuses[DEALLOCATE] = 500
    executable(node.folder / "hook", "echo x >>hooked")
    for _ in range(2):
        tick(node, metadata, checkpoint_seconds=60)
    assert (node.folder / "hooked").read_text() == "x\n"


def test_the_machine_of_a_scale_set_ends_itself_alone(node: Node, metadata: AzureMetadata) -> None:
    one = VM.replace("virtualMachines/dev-1a2b3c4d-lab-0", "virtualMachineScaleSets/dev-lab/virtualMachines/3")
    metadata.answers["instance/compute/resourceId"] = one
    metadata.statuses[f"DELETE {one}"] = 202
    tick(node, metadata, hard_end=-1)
    assert ended(metadata) == [f"DELETE {one}"]


def test_a_store_on_azure_names_the_leases_own_blob() -> None:
    found = soft_end_blob("az://leases/team?account=acmeleases", "dev-1a2b3c4d")
    assert found == SoftEndBlob(account="acmeleases", container="leases", path="team/dev-1a2b3c4d/soft-end")
    assert found.url == "https://acmeleases.blob.core.windows.net/leases/team/dev-1a2b3c4d/soft-end"
    assert soft_end_blob("gs://acme-leases", "dev-1a2b3c4d") is None
    with pytest.raises(ValueError, match=r"names no container or no account; write for example az://"):
        soft_end_blob("az://leases", "dev-1a2b3c4d")


# Notices.


def events(*given: tuple[str, str]) -> str:
    found = [
        {"EventId": str(at), "EventType": kind, "ResourceType": "VirtualMachine", "Resources": [name]}
        for at, (kind, name) in enumerate(given)
    ]
    return json.dumps({"DocumentIncarnation": 1, "Events": found}, separators=(",", ":"))


@pytest.fixture
def watched(node: Node, metadata: AzureMetadata) -> Node:
    node.program("end")
    node.configure(preemption_watch(), metadata_url=metadata.url)
    (node.folder / "bin" / "tr").symlink_to("/usr/bin/tr")
    return node


@pytest.mark.parametrize("kind", ["Preempt", "Terminate", "Reboot", "Redeploy"])
def test_a_notice_has_the_hook_run(watched: Node, metadata: AzureMetadata, kind: str) -> None:
    watched.program("sleep", "exit 1")
    metadata.answers["scheduledevents"] = events(("Freeze", "dev-1a2b3c4d-lab-0"), (kind, "dev-1a2b3c4d-lab-0"))
    result = watched.run("preemption_watch_azure.sh", NODE_END=str(watched.folder / "bin" / "end"))
    assert watched.calls("end") == ["/etc/trainyard/node-end notice"]
    assert f"{kind} is scheduled for dev-1a2b3c4d-lab-0" in result.stderr


@pytest.mark.parametrize(
    "told", [events(), events(("Freeze", "dev-1a2b3c4d-lab-0")), events(("Preempt", "dev-1a2b3c4d-lab-1")), None]
)
def test_a_pause_and_another_machine_s_event_are_no_notice(
    watched: Node, metadata: AzureMetadata, told: str | None
) -> None:
    if told is not None:
        metadata.answers["scheduledevents"] = told
    # the third pause ends the watch
    watched.program("sleep", '(($(grep -c ^sleep "$CALLS") < 3)) || kill "$PPID"')
    watched.run("preemption_watch_azure.sh", NODE_END=str(watched.folder / "bin" / "end"))
    assert len(watched.calls("sleep")) == 3
    assert watched.calls("end") == []


# The heartbeat.


@pytest.fixture
def beating(node: Node, metadata: AzureMetadata) -> Node:
    node.program("sleep")
    node.configure(heartbeat(lease="dev-1a2b3c4d"), metadata_url=metadata.url, monitoring_url=metadata.root)
    (node.folder / "bin" / "tr").symlink_to("/usr/bin/tr")
    return node


def sent(metadata: AzureMetadata) -> dict[str, dict]:
    return {body["data"]["baseData"]["metric"]: body["data"]["baseData"] for _, body in metadata.bodies}


def test_a_node_without_a_driver_sends_its_heartbeat_only(beating: Node, metadata: AzureMetadata) -> None:
    metadata.statuses[f"POST {VM}/metrics"] = 200
    result = beating.run("heartbeat_azure.sh")
    assert result.returncode == 0, result.stderr
    assert set(sent(metadata)) == {"heartbeat"}
    assert sent(metadata)["heartbeat"]["dimNames"] == ["lease", "workload", "node"]
    [series] = sent(metadata)["heartbeat"]["series"]
    assert series["dimValues"] == ["dev-1a2b3c4d", "lab", "dev-1a2b3c4d-lab-0"]
    assert metadata.audiences == [("https://monitoring.azure.com/", "")]
    assert metadata.authorizations[f"{VM}/metrics"] == f"Bearer {OWN}"


def test_the_busy_ratio_is_the_mean_of_all_accelerators_and_samples(beating: Node, metadata: AzureMetadata) -> None:
    metadata.statuses[f"POST {VM}/metrics"] = 200
    beating.program("nvidia-smi", "echo 100; echo 50")
    assert beating.run("heartbeat_azure.sh").returncode == 0
    [series] = sent(metadata)["accelerator_busy_ratio"]["series"]
    assert (series["sum"], series["count"]) == (0.75, 1)


def test_a_machine_of_a_scale_set_sends_to_its_set(beating: Node, metadata: AzureMetadata) -> None:
    group = VM.replace("virtualMachines/dev-1a2b3c4d-lab-0", "virtualMachineScaleSets/dev-lab")
    metadata.answers["instance/compute/resourceId"] = f"{group}/virtualMachines/3"
    metadata.statuses[f"POST {group}/metrics"] = 200
    assert beating.run("heartbeat_azure.sh").returncode == 0
    assert [path for path, _ in metadata.bodies] == [f"{group}/metrics"]


def test_a_refused_point_is_a_failure_that_the_journal_shows(beating: Node, metadata: AzureMetadata) -> None:
    metadata.statuses[f"POST {VM}/metrics"] = 403
    result = beating.run("heartbeat_azure.sh")
    assert result.returncode != 0
    assert "403" in result.stderr


def test_the_address_of_the_metrics_is_the_location_s_own() -> None:
    files = {Path(file.path).name: file.content for file in heartbeat(lease="x").files}
    assert files["monitoring-url"] == "https://LOCATION.monitoring.azure.com"
    assert "${url/LOCATION/$location}" in packaged("heartbeat_azure.sh")


# Secrets.


def test_a_reference_means_the_newest_version_unless_it_says_one() -> None:
    assert secret_url(REFERENCE) == "https://acme-ml.vault.azure.net/secrets/hf-token"
    assert secret_url(f"{REFERENCE}/{'a' * 32}").endswith(f"/hf-token/{'a' * 32}")


@pytest.mark.parametrize("wrong", ["hf_abc", "gcp-secret://x/y", "azure-secret://acme-ml", "azure-secret://a_b/c"])
def test_what_is_no_reference_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no reference to a secret of Azure; write azure-secret://"):
        secret_files({"HF_TOKEN": wrong}, identity=IDENTITY)


def test_the_secret_lies_in_a_file_that_only_root_reads(node: Node, metadata: AzureMetadata) -> None:
    (node.folder / "bin" / "python3").symlink_to("/usr/bin/python3")
    secret = 'hf "very" secret\n'
    path = "/secrets/hf-token"
    metadata.answers[path] = json.dumps({"value": secret, "id": "x"})
    node.configure(
        secret_files({"HF_TOKEN": REFERENCE}, identity=IDENTITY),
        metadata_url=metadata.url,
        secret_HF_TOKEN=f"{metadata.root}{path}",
    )
    (node.folder / "etc" / "secret-HF-TOKEN").rename(node.folder / "etc" / "secret-HF_TOKEN")
    result = node.run("secret_files_azure.sh")
    assert result.returncode == 0, result.stderr
    file = node.folder / "run" / "secrets" / "HF_TOKEN"
    assert file.read_text() == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret not in result.stdout + result.stderr
    assert metadata.audiences == [("https://vault.azure.net", IDENTITY)]
    assert metadata.authorizations[path] == f"Bearer {LEASES}"


# Data.


@pytest.fixture
def mounting(node: Node) -> Node:
    for name in ("blobfuse2", "mount", "mount.lustre", "mkfs.ext4", "blkid", "apt-get"):
        node.program(name)
    node.program("mountpoint", "exit 1")
    return node


def mount(node: Node, *mounts: DataMount, cache: str | None = None) -> subprocess.CompletedProcess[str]:
    fragment = data_mounts(mounts, identity=IDENTITY, cache_folder=cache)
    node.configure(fragment, mount_point=str(node.folder / "data"))
    return node.run("data_mounts_azure.sh")


@pytest.mark.parametrize(("write", "read_only"), [(False, "true"), (True, "false")])
def test_a_container_is_read_only_unless_it_is_written(mounting: Node, *, write: bool, read_only: str) -> None:
    result = mount(mounting, DataMount(name="corpus", kind="blob", source="acmedata/corpus", write=write))
    assert result.returncode == 0, result.stderr
    settings = mounting.folder / "run" / "data-mounts" / "corpus.yaml"
    assert mounting.calls("blobfuse2") == [f"mount {mounting.folder}/data/corpus --config-file={settings}"]
    text = settings.read_text()
    assert f"read-only: {read_only}\n" in text
    assert "account-name: acmedata\n  container: corpus\n  mode: msi\n" in text
    assert f"resid: {IDENTITY}\n" in text
    assert "components: [libfuse, block_cache, attr_cache, azstorage]" in text


def test_a_container_is_cached_on_the_machine_s_own_disk_where_there_is_one(mounting: Node) -> None:
    cache = mounting.folder / "scratch"
    assert mount(mounting, DataMount(name="c", kind="blob", source="acmedata/c"), cache=str(cache)).returncode == 0
    text = (mounting.folder / "run" / "data-mounts" / "c.yaml").read_text()
    assert "file_cache, attr_cache" in text
    assert f"path: {cache}/c\n" in text
    assert (cache / "c").is_dir()


def test_lustre_and_disks_are_mounted_by_their_own_words(mounting: Node) -> None:
    result = mount(
        mounting,
        DataMount(name="fast", kind="lustre", source="10.40.1.4@tcp:/lustrefs", write=True),
        DataMount(name="weights", kind="disk", source="0"),
    )
    assert result.returncode == 0, result.stderr
    root = mounting.folder / "data"
    assert sorted(mounting.calls("mount")) == [
        f"-o ro,noatime,noload /dev/disk/azure/scsi1/lun0 {root}/weights",
        f"-t lustre -o rw,noatime,flock 10.40.1.4@tcp:/lustrefs {root}/fast",
    ]


@pytest.mark.parametrize(("write", "formatted"), [(True, True), (False, False)])
def test_a_blank_disk_is_formatted_by_the_one_who_may_write_only(
    mounting: Node, *, write: bool, formatted: bool
) -> None:
    mounting.program("blkid", "exit 2")
    result = mount(mounting, DataMount(name="w", kind="disk", source="0", write=write))
    assert (result.returncode == 0) is formatted
    assert bool(mounting.calls("mkfs.ext4")) is formatted


def test_one_that_fails_keeps_no_other_away_and_is_tried_again(mounting: Node) -> None:
    mounting.program("blobfuse2", 'case "$*" in *corpus*) exit 1 ;; esac')
    result = mount(
        mounting,
        DataMount(name="corpus", kind="blob", source="acmedata/corpus"),
        DataMount(name="other", kind="blob", source="acmedata/other"),
    )
    assert result.returncode == 1  # systemd starts it again
    assert len(mounting.calls("blobfuse2")) == 2


# All of it.


def test_all_fragments_together_are_within_what_azure_takes() -> None:
    assert len(user_data(every_fragment()).encode()) < 65535


def test_no_script_gives_a_token_to_a_program_as_an_argument() -> None:
    for name in AZURE_SCRIPTS:
        rest = re.sub(r"""printf '[^']*'(?: "\$\w+")*""", "", packaged(name))  # the shell's own, no program
        assert '"$token"' not in rest, name


@pytest.mark.system("shellcheck")
@pytest.mark.parametrize("name", AZURE_SCRIPTS)
def test_every_script_is_clean_for_shellcheck(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(packaged(name))
    # SC2317: what is called by its name in a variable seems unreachable
    verdict = subprocess.run(
        ["shellcheck", "--enable=all", "--exclude=SC2250,SC2310,SC2311,SC2312,SC2292,SC2317,SC2329", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verdict.returncode, verdict.stdout) == (0, "")
