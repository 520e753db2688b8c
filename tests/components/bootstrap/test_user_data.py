import base64
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import File, Fragment, packaged, values
from components.bootstrap.node_end import SoftEndObject, node_end
from components.bootstrap.scratch_disks import scratch_disks
from components.bootstrap.user_data import MAX_BYTES, user_data

HARD_END = "2026-11-25T02:00:00Z"
SCRIPTS = ("driver_check.sh", "node_end.sh", "scratch_disks.sh")
# Text as shells and YAML stumble over it; surrogates are no text.
HOSTILE = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'\"`$(){}\\\n\r\t#:&;|<>%!-\x00"))


def every_fragment() -> tuple[Fragment, ...]:
    return (
        node_end(
            hard_end=HARD_END, soft_end=SoftEndObject(bucket="acme-leases", path="l-1/soft-end"), checkpoint_seconds=600
        ),
        driver_check(accelerator_count=8),
        scratch_disks(count=16),
    )


def written(document: str) -> dict[str, str]:
    files = yaml.safe_load(document)["write_files"]
    return {file["path"]: base64.b64decode(file["content"]).decode() for file in files}


def test_the_document_starts_with_the_line_that_cloud_init_looks_for() -> None:
    assert user_data(every_fragment()).splitlines()[0] == "#cloud-config"


def test_scripts_arrive_as_they_lie_in_the_package_and_executable() -> None:
    document = user_data(every_fragment())
    modes = {file["path"]: file["permissions"] for file in yaml.safe_load(document)["write_files"]}
    for name in SCRIPTS:
        assert written(document)[f"/usr/local/lib/trainyard/{name}"] == packaged(name)
        assert modes[f"/usr/local/lib/trainyard/{name}"] == "0755"


def test_every_started_unit_is_written_and_runs_a_written_script() -> None:
    document = user_data(every_fragment())
    files = written(document)
    started = [command[-1] for command in yaml.safe_load(document)["runcmd"] if "enable" in command]
    assert started == ["trainyard-node-end.timer", "trainyard-driver-check.service", "trainyard-scratch-disks.service"]
    for unit in started:
        service = files[f"/etc/systemd/system/{unit.replace('.timer', '.service')}"]
        command = next(line for line in service.splitlines() if line.startswith("ExecStart="))
        assert command.removeprefix("ExecStart=") in files


@given(hook=HOSTILE, pattern=HOSTILE, bucket=HOSTILE, path=HOSTILE)
def test_no_value_changes_a_script_a_unit_or_a_command(hook: str, pattern: str, bucket: str, path: str) -> None:
    soft_end = SoftEndObject(bucket=bucket, path=path)
    document = user_data(
        (
            node_end(hard_end=HARD_END, soft_end=soft_end, checkpoint_seconds=600, checkpoint_hook=hook),
            driver_check(accelerator_count=8),
            scratch_disks(count=16, pattern=pattern),
        )
    )
    expected, got = written(user_data(every_fragment())), written(document)
    assert got["/etc/trainyard/node-end/hook"] == hook
    assert got["/etc/trainyard/scratch-disks/pattern"] == pattern
    free = {f"/etc/trainyard/{name}" for name in ("node-end/hook", "node-end/soft-end-url", "scratch-disks/pattern")}
    assert {path: text for path, text in got.items() if path not in free} == {
        path: text for path, text in expected.items() if path not in free
    }
    assert yaml.safe_load(document)["runcmd"] == yaml.safe_load(user_data(every_fragment()))["runcmd"]


@given(bucket=HOSTILE, path=HOSTILE)
def test_an_object_address_never_leaves_its_place_in_the_url(bucket: str, path: str) -> None:
    head, _, rest = SoftEndObject(bucket=bucket, path=path).url.partition("/b/")
    quoted_bucket, _, quoted_path = rest.removesuffix("?alt=media").partition("/o/")
    assert head == "https://storage.googleapis.com/storage/v1"
    assert not set(quoted_bucket + quoted_path) & set("/?#&\n\"'`$ ")


def test_two_fragments_that_write_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match=r"write /etc/trainyard/driver-check/accelerator-count twice; give each"):
        user_data((driver_check(accelerator_count=1), driver_check(accelerator_count=8)))


def test_a_document_over_the_metadata_limit_is_refused_with_both_sizes() -> None:
    big = Fragment(name="big", files=values("big", {"blob": "x" * MAX_BYTES}), start=())
    with pytest.raises(ValueError, match=rf"User data has \d+ bytes; a machine takes at most {MAX_BYTES}"):
        user_data((big,))


def test_all_fragments_together_stay_far_below_the_metadata_limit() -> None:
    assert len(user_data(every_fragment())) < MAX_BYTES // 8


def test_equal_fragments_give_the_same_document_without_making_it_again() -> None:
    assert user_data(every_fragment()) is user_data(every_fragment())


def test_the_slow_and_the_fast_yaml_writer_give_the_same_document() -> None:
    document = user_data(every_fragment())
    plain = yaml.safe_dump(yaml.safe_load(document), sort_keys=False, width=sys.maxsize)
    assert document == f"#cloud-config\n{plain}"


@pytest.mark.system("cloud-init")
def test_the_document_is_valid_for_cloud_inits_own_schema(tmp_path: Path) -> None:
    assert schema_verdict(tmp_path, user_data(every_fragment())).returncode == 0


@pytest.mark.system("cloud-init")
def test_cloud_inits_schema_refuses_a_document_with_a_wrong_encoding(tmp_path: Path) -> None:
    broken = user_data(every_fragment()).replace("encoding: b64", "encoding: rot13")
    assert schema_verdict(tmp_path, broken).returncode != 0


@pytest.mark.system("shellcheck")
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_clean_for_shellcheck(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(packaged(name))
    verdict = subprocess.run(
        ["shellcheck", "--enable=all", "--exclude=SC2250,SC2310,SC2311,SC2312,SC2292", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verdict.returncode, verdict.stdout) == (0, "")


def test_a_file_says_who_may_run_it() -> None:
    assert File(path="/etc/x", content="").mode == "0644"


def schema_verdict(folder: Path, document: str) -> subprocess.CompletedProcess[str]:
    path = folder / "user-data"
    path.write_text(document)
    command = ["cloud-init", "schema", "--config-file", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
