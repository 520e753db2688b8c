"""What runs on a node of AWS: the metadata service by token, the AWS CLI as the node's role, nothing else."""

import base64
import gzip
import json
import random
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.data_mounts_aws import DataMount, data_mounts
from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import File, Fragment
from components.bootstrap.heartbeat_aws import heartbeat
from components.bootstrap.node_end import node_end
from components.bootstrap.preemption_watch_aws import preemption_watch
from components.bootstrap.scratch_disks import AWS_INSTANCE_STORE, AWS_MADE_BY_IMAGE, scratch_disks
from components.bootstrap.secret_files_aws import Secret, secret, secret_files
from components.bootstrap.soft_end_aws import SoftEndObject, soft_end_object
from components.bootstrap.user_data import user_data
from components.bootstrap.user_data_aws import MAX_BYTES, user_data_base64
from tests.components.bootstrap.conftest import Node
from tests.components.bootstrap.fixtures.instance_metadata import InstanceMetadata, serve_instance_metadata

pytestmark = pytest.mark.system("curl")
SOFT_END = SoftEndObject(bucket="acme-leases", path="dev-1a2b3c4d/soft-end")
REFERENCE = "aws-secret://eu-central-1/team/hf-token"
NOTICE = '{"action": "terminate", "time": "2026-11-24T14:02:00Z"}'


@pytest.fixture
def metadata() -> Iterator[InstanceMetadata]:
    with serve_instance_metadata() as made:
        yield made


def instant(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def every_fragment() -> tuple[Fragment, ...]:
    return (
        node_end(hard_end="2026-11-25T02:00:00Z", soft_end=SOFT_END, checkpoint_seconds=600),
        preemption_watch(),
        heartbeat(lease="dev-1a2b3c4d", region="eu-central-1"),
        driver_check(accelerator_count=8),
        scratch_disks(count=8, pattern=AWS_INSTANCE_STORE, made_by_image=AWS_MADE_BY_IMAGE),
        data_mounts([DataMount(name="checkpoints", kind="bucket", source="acme-checkpoints", write=True)]),
        secret_files({"HF_TOKEN": REFERENCE}),
        container_runtime(gpus=True, registries=("123456789012.dkr.ecr.eu-central-1.amazonaws.com",)),
    )


# The node's end.


def end_with(node: Node, answer: str) -> bool:
    """One minute's look at a store that answers so; True when the machine shut itself down."""
    node.program("aws", answer)
    node.run("node_end.sh")
    return node.calls("shutdown") == ["-h now"]


def test_the_soft_end_is_read_from_the_leases_own_object(node: Node) -> None:
    node.configure(node_end(hard_end=instant(600), soft_end=SOFT_END))
    assert end_with(node, f"echo {instant(-1)}")
    assert node.calls("aws") == ["s3 cp --only-show-errors s3://acme-leases/dev-1a2b3c4d/soft-end -"]
    assert not end_with(node, f"echo {instant(30)}")


@pytest.mark.parametrize("answer", ["exit 1", "echo AccessDenied", "true", "head -c 9999 /dev/zero"])
def test_a_store_that_does_not_answer_keeps_the_last_soft_end(node: Node, answer: str) -> None:
    node.configure(node_end(hard_end=instant(600), soft_end=SOFT_END))
    assert not end_with(node, answer)
    assert not end_with(node, f"echo {instant(30)}")
    (node.folder / "state" / "soft-end").write_text(instant(-1))
    assert end_with(node, answer)


def test_a_machine_without_the_cli_still_ends_at_its_hard_end(node: Node) -> None:
    node.configure(node_end(hard_end=instant(-1), soft_end=SOFT_END))
    node.run("node_end.sh")
    assert node.calls("shutdown") == ["-h now"]


def test_a_store_on_s3_names_the_leases_own_object() -> None:
    found = soft_end_object("s3://acme-leases/team", "dev-1a2b3c4d")
    assert found == SoftEndObject(bucket="acme-leases", path="team/dev-1a2b3c4d/soft-end")
    assert found.arn == "arn:aws:s3:::acme-leases/team/dev-1a2b3c4d/soft-end"
    assert soft_end_object("gs://acme-leases", "dev-1a2b3c4d") is None
    with pytest.raises(ValueError, match="names no bucket; write for example s3://"):
        soft_end_object("s3:///leases", "dev-1a2b3c4d")


# Notices.


@pytest.fixture
def watching(node: Node, metadata: InstanceMetadata) -> Node:
    """Nothing stands at the notice's address before the third round."""
    node.configure(preemption_watch(), metadata_url=metadata.url)
    real = (node.folder / "bin" / "curl").resolve()
    late = f"(($(grep -c ^sleep \"$CALLS\") >= 3)) || exit 22; echo '{NOTICE}'"
    node.program("curl", f'case "$*" in *spot/instance-action*) {late} ;; *) exec {real} "$@" ;; esac')
    node.program("sleep")
    node.program("end")
    return node


def watch(node: Node) -> list[str]:
    """What the node's end was called with until the watch ended, which a notice alone makes it do."""
    result = node.run("preemption_watch_aws.sh", NODE_END=str(node.folder / "bin" / "end"))
    assert result.returncode == 0, result.stderr
    assert f"spot/instance-action is {NOTICE}" in result.stderr
    return sorted(call.rpartition(" ")[2] for call in node.calls("end"))


def test_a_spot_notice_has_the_hook_run_and_ends_the_watch(watching: Node) -> None:
    assert watch(watching) == ["notice"]


def test_a_rebalance_recommendation_and_maintenance_are_warnings_once_each(
    watching: Node, metadata: InstanceMetadata
) -> None:
    metadata.answers |= {
        "events/recommendations/rebalance": '{"noticeTime": "2026-11-24T13:00:00Z"}',
        "events/maintenance/scheduled": '[{"Code": "instance-stop", "State": "active"}]',
    }
    assert watch(watching) == ["notice", "warning", "warning"]


def test_an_empty_list_of_events_is_no_warning_and_a_refused_token_no_end_of_the_watch(
    watching: Node, metadata: InstanceMetadata
) -> None:
    metadata.answers["events/maintenance/scheduled"] = "[]"
    assert watch(watching) == ["notice"]
    metadata.gives_tokens = False
    assert watch(watching) == ["notice"]


def test_a_warning_leaves_the_hook_for_the_notice_itself(node: Node, executable: Callable[[Path, str], None]) -> None:
    node.configure(node_end(hard_end=instant(600), checkpoint_seconds=60), hook=str(node.folder / "hook"))
    executable(node.folder / "hook", "echo x >>hooked")
    for word, count in (("warning", 1), ("warning", 2), ("notice", 3), ("notice", 3), ("warning", 3)):
        node.run("node_end.sh", word)
        assert (node.folder / "hooked").read_text().count("x") == count, word


# The heartbeat.


@pytest.fixture
def beating(node: Node, metadata: InstanceMetadata) -> Node:
    node.program("sleep")
    node.program("aws", "printf '%s' \"${@: -1}\" >points")
    metadata.answers |= {"instance-id": "i-0123456789abcdef0", "tags/instance/trainyard-workload": "lab"}
    node.configure(heartbeat(lease="dev-1a2b3c4d", region="eu-central-1"), metadata_url=metadata.url)
    return node


def points(node: Node) -> dict[str, dict]:
    return {one["MetricName"]: one for one in json.loads((node.folder / "points").read_text())}


def test_a_node_without_a_driver_sends_its_heartbeat_only(beating: Node) -> None:
    result = beating.run("heartbeat_aws.sh")
    assert result.returncode == 0, result.stderr
    assert set(points(beating)) == {"Heartbeat"}
    assert points(beating)["Heartbeat"]["Dimensions"] == [
        {"Name": "Lease", "Value": "dev-1a2b3c4d"},
        {"Name": "Workload", "Value": "lab"},
        {"Name": "Node", "Value": "i-0123456789abcdef0"},
    ]
    [call] = beating.calls("aws")
    assert call.startswith("cloudwatch put-metric-data --region eu-central-1 --namespace Trainyard --metric-data ")


def test_the_busy_ratio_is_the_mean_of_all_accelerators_and_samples(beating: Node) -> None:
    beating.program("nvidia-smi", "echo 100; echo 50")
    assert beating.run("heartbeat_aws.sh").returncode == 0
    assert points(beating)["AcceleratorBusyRatio"]["Value"] == 0.75


def test_a_driver_that_does_not_answer_is_no_ratio_of_zero(beating: Node) -> None:
    beating.program("nvidia-smi", "echo 'No devices were found'; exit 6")
    assert beating.run("heartbeat_aws.sh").returncode == 0
    assert set(points(beating)) == {"Heartbeat"}


@pytest.mark.parametrize("key", ["instance-id", "tags/instance/trainyard-workload"])
def test_a_node_that_does_not_know_itself_sends_nothing(beating: Node, metadata: InstanceMetadata, key: str) -> None:
    del metadata.answers[key]
    assert beating.run("heartbeat_aws.sh").returncode != 0
    assert beating.calls("aws") == []


def test_a_refused_point_is_a_failure_that_the_journal_shows(beating: Node) -> None:
    beating.program("aws", "echo 'AccessDenied' >&2; exit 254")
    result = beating.run("heartbeat_aws.sh")
    assert result.returncode == 254
    assert "AccessDenied" in result.stderr


# Secrets.


def test_a_reference_names_region_and_secret_and_perhaps_a_version() -> None:
    version = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
    assert secret(REFERENCE) == Secret(region="eu-central-1", name="team/hf-token")
    assert secret(f"{REFERENCE}#{version}") == Secret(region="eu-central-1", name="team/hf-token", version=version)


@pytest.mark.parametrize("wrong", ["hf_abc", "gcp-secret://acme/x", "aws-secret://hf-token", "aws-secret://x/a b"])
def test_what_is_no_reference_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no reference to a secret of AWS; write aws-secret://<region>/<name>"):
        secret_files({"HF_TOKEN": wrong})


def test_a_name_that_no_variable_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no name of an environment variable"):
        secret_files({"HF-TOKEN": REFERENCE})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("echo hf_very-secret", "hf_very-secret"),
        ("printf 'two\\nlines\\n\\n'", "two\nlines"),
        ('[[ "$*" == *SecretBinary* ]] && echo aGYA || echo None', "hf\0"),
    ],
    ids=["text", "lines", "bytes"],
)
def test_the_secret_lies_in_a_file_that_only_root_reads(node: Node, answer: str, expected: str) -> None:
    node.program("aws", answer)
    node.configure(secret_files({"HF_TOKEN": REFERENCE}))
    result = node.run("secret_files_aws.sh")
    assert result.returncode == 0, result.stderr
    file = node.folder / "run" / "secrets" / "HF_TOKEN"
    assert file.read_text() == expected
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert expected not in result.stdout + result.stderr
    asked = "secretsmanager get-secret-value --region eu-central-1 --secret-id team/hf-token"
    assert node.calls("aws")[0] == f"{asked} --query SecretString --output text"


def test_a_version_is_asked_for_by_its_id(node: Node) -> None:
    node.program("aws", "echo x")
    version = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
    node.configure(secret_files({"HF_TOKEN": f"{REFERENCE}#{version}"}))
    assert node.run("secret_files_aws.sh").returncode == 0
    assert f"--secret-id team/hf-token --version-id {version}" in node.calls("aws")[0]


def test_a_failed_reading_keeps_the_secret_of_before_and_is_tried_again(node: Node) -> None:
    node.program("aws", "exit 254")
    file = node.folder / "run" / "secrets" / "HF_TOKEN"
    file.parent.mkdir()
    file.write_text("before")
    node.configure(secret_files({"HF_TOKEN": REFERENCE}))
    result = node.run("secret_files_aws.sh")
    assert result.returncode == 1
    assert "HF_TOKEN could not be read from team/hf-token in eu-central-1" in result.stderr
    assert file.read_text() == "before"


# Data.

DISK = "vol-0123456789abcdef0"
SETS = (
    DataMount(name="checkpoints", kind="bucket", source="acme-checkpoints", write=True),
    DataMount(name="corpus", kind="bucket", source="acme-corpus"),
    DataMount(name="scratch", kind="lustre", source="fs-0123.fsx.eu-central-1.amazonaws.com@tcp:/abcd", write=True),
    DataMount(name="weights", kind="disk", source=DISK, write=True),
)


@pytest.fixture
def mounting(node: Node) -> Node:
    for name in ("mount", "mount-s3", "mkfs.ext4", "apt-get"):
        node.program(name)
    node.program("mount.lustre")
    node.program("uname", '[[ $1 == -m ]] && echo "${MACHINE:-x86_64}" || echo 6.17.0-1019-aws')
    node.program("mountpoint", "exit 1")
    node.program("blkid", "exit 2")
    (node.folder / "by-id").mkdir()
    (node.folder / "by-id" / "nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0").touch()
    (node.folder / "os-release").write_text("VERSION_CODENAME=noble\n")
    return node


def mount(node: Node, *sets: DataMount, cache: str = "", **variables: str) -> tuple[int, str]:
    node.configure(data_mounts(sets, cache_folder=cache or None), mount_point=str(node.folder / "data"))
    places = {
        "DEVICES": str(node.folder / "by-id"),
        "LISTS": str(node.folder),
        "KEYRINGS": str(node.folder),
        "DOWNLOADS": str(node.folder / "downloads"),
        "OS_RELEASE": str(node.folder / "os-release"),
    }
    result = node.run("data_mounts_aws.sh", **places, **variables)
    return result.returncode, result.stderr


def test_each_kind_is_mounted_in_its_own_way_and_read_only_unless_written(mounting: Node) -> None:
    data, cache = mounting.folder / "data", mounting.folder / "cache"
    assert mount(mounting, *SETS, cache=str(cache))[0] == 0
    assert mounting.calls("mount-s3") == [
        f"--allow-other --allow-delete --allow-overwrite --cache {cache}/checkpoints acme-checkpoints "
        f"{data}/checkpoints",
        f"--allow-other --read-only --cache {cache}/corpus acme-corpus {data}/corpus",
    ]
    device = mounting.folder / "by-id" / "nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
    assert mounting.calls("mount") == [
        f"-t lustre -o rw,relatime,flock {SETS[2].source} {data}/scratch",
        f"-o rw,noatime,discard {device} {data}/weights",
    ]
    assert mounting.calls("mkfs.ext4") == [f"-q -F -m 0 {device}"]


def test_a_volume_that_is_read_is_never_formatted(mounting: Node) -> None:
    code, text = mount(mounting, DataMount(name="weights", kind="disk", source=DISK))
    assert code == 1
    assert "nothing was formatted" in text
    assert mounting.calls("mkfs.ext4") == []


def test_a_volume_that_is_not_attached_yet_is_tried_again_and_keeps_nothing_away(mounting: Node) -> None:
    other = DataMount(name="aaa", kind="disk", source="vol-0fedcba9876543210")
    code, text = mount(mounting, other, SETS[1])
    assert code == 1
    assert "vol-0fedcba9876543210 is not attached yet" in text
    assert len(mounting.calls("mount-s3")) == 1


def test_what_is_mounted_stays(mounting: Node) -> None:
    mounting.program("mountpoint")
    assert mount(mounting, *SETS)[0] == 0
    assert mounting.calls("mount") == mounting.calls("mount-s3") == []


@pytest.mark.parametrize(("machine", "folder"), [("x86_64", "x86_64"), ("aarch64", "arm64")])
def test_mountpoint_is_installed_where_the_image_has_none(mounting: Node, machine: str, folder: str) -> None:
    (mounting.folder / "bin" / "mount-s3").unlink()
    mounting.program("curl")
    mounting.program(
        "apt-get", f'[[ "$*" != *mount-s3.deb* ]] || cp {mounting.folder}/s3 {mounting.folder}/bin/mount-s3'
    )
    for name in ("cp",):
        (mounting.folder / "bin" / name).symlink_to(f"/bin/{name}")
    (mounting.folder / "s3").write_text('#!/bin/bash\necho "mount-s3 $*" >>"$CALLS"\n')
    (mounting.folder / "s3").chmod(0o755)
    assert mount(mounting, SETS[1], MACHINE=machine)[0] == 0
    [download] = mounting.calls("curl")
    assert download.endswith(f"https://s3.amazonaws.com/mountpoint-s3-release/latest/{folder}/mount-s3.deb")
    assert len(mounting.calls("mount-s3")) == 1


def test_the_lustre_client_comes_from_amazons_packages_for_the_running_kernel(mounting: Node) -> None:
    (mounting.folder / "bin" / "mount.lustre").unlink()
    mounting.program("curl")
    assert mount(mounting, SETS[2])[0] == 0
    assert mounting.calls("apt-get")[-1].endswith("lustre-client-modules-6.17.0-1019-aws")
    listed = (mounting.folder / "fsx-lustre.list").read_text()
    assert listed.endswith("https://fsx-lustre-client-repo.s3.amazonaws.com/ubuntu noble main\n")


def test_a_workload_learns_where_its_data_and_checkpoints_are() -> None:
    files = {file.path: file.content for file in data_mounts(SETS).files}
    assert files["/etc/trainyard/environment"] == (
        "TRAINYARD_DATA=/mnt/data\nTRAINYARD_CHECKPOINTS=/mnt/data/checkpoints\n"
    )
    with pytest.raises(ValueError, match="was given no data set"):
        data_mounts([])


# The instance store.


def test_what_the_image_made_of_the_instance_store_is_used_as_it_is(node: Node) -> None:
    for name in ("mount", "mdadm", "udevadm"):
        node.program(name)
    node.program("mountpoint", '[[ "$*" == *dlami* ]]')
    scratch = node.folder / "scratch"
    fragment = scratch_disks(count=8, pattern=AWS_INSTANCE_STORE, made_by_image=AWS_MADE_BY_IMAGE)
    node.configure(fragment, mount_point=str(scratch))
    assert node.run("scratch_disks.sh").returncode == 0
    assert node.calls("mount") == [f"--bind /opt/dlami/nvme {scratch}"]
    assert node.calls("mdadm") == []


def test_each_disk_of_the_instance_store_counts_once_whatever_names_udev_gives_it(node: Node) -> None:
    for name in ("mount", "udevadm", "lsblk", "mkfs.ext4"):
        node.program(name)
    node.program("mdadm", "[[ $1 == --create ]]")
    node.program("mountpoint", "exit 1")
    node.program("blkid", "exit 2")
    folder = node.folder / "by-id"
    folder.mkdir()
    stem = "nvme-Amazon_EC2_NVMe_Instance_Storage_AWS"
    for name in ("00A1", "00A1_1", "00A1-ns-1", "00A1-part1", "00B2", "00B2_1"):
        (folder / f"{stem}{name}").touch()
    (folder / "nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0").touch()
    fragment = scratch_disks(count=2, pattern=f"{folder}/{Path(AWS_INSTANCE_STORE).name}")
    node.configure(fragment, mount_point=str(node.folder / "scratch"))
    result = node.run("scratch_disks.sh")
    assert result.returncode == 0, result.stderr
    assert node.calls("mdadm")[-1].endswith(f"--raid-devices=2 {folder}/{stem}00A1 {folder}/{stem}00B2")


# Containers, and all of it as user data.


def test_docker_gets_ecrs_tokens_by_its_helper(node: Node) -> None:
    node.program("docker")
    node.program("apt-get")
    hosts = ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com")
    node.configure(container_runtime(gpus=False, registries=hosts))
    result = node.run("container_runtime.sh", DOCKER_CONFIG=str(node.folder / "docker"))
    assert result.returncode == 0, result.stderr
    assert node.calls("apt-get")[-1].endswith("amazon-ecr-credential-helper")
    told = json.loads((node.folder / "docker" / "config.json").read_text())
    assert told == {"credHelpers": dict.fromkeys(hosts, "ecr-login")}


def test_all_fragments_fit_into_ec2s_user_data_and_say_the_same_as_elsewhere() -> None:
    packed = base64.b64decode(user_data_base64(every_fragment()))
    assert len(packed) < MAX_BYTES // 2
    document = yaml.safe_load(gzip.decompress(packed))
    elsewhere = yaml.safe_load(user_data(every_fragment()))
    assert document["runcmd"] == elsewhere["runcmd"]
    assert [file["content"] for file in document["write_files"]] == [
        base64.b64decode(file["content"]).decode() for file in elsewhere["write_files"]
    ]


def test_user_data_that_ec2_would_not_take_is_refused() -> None:
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=40_000))
    large = Fragment(name="large", files=(File(path="/etc/large", content=noise),), start=())
    with pytest.raises(ValueError, match="bytes compressed; EC2 takes at most 16384"):
        user_data_base64((large,))


def test_no_fragment_of_aws_asks_google() -> None:
    assert "google" not in "".join(
        file.content for fragment in every_fragment()[:-1] for file in fragment.files if "scratch" not in file.path
    )
