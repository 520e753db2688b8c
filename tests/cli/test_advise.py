"""`trainyard advise`: its outputs, what it refuses, and the stack file that it writes."""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stacks.checking import check_stack
from trainyard.cli.app import app
from trainyard.settings import load
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.tpu_node import TpuNode

ROOT = Path(__file__).parents[2]
RUN = ("--params", "llama-3-8b", "--method", "qlora", "--tokens", "50M", "--deadline", "48h")
FOR = ("--environment", "sandbox", "--owner", "ml-research")
Advise = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built catalogue, once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    """A project with the repository's stack files, and a user without newer prices."""
    (tmp_path / "stacks").mkdir()
    for file in (ROOT / "stacks").glob("*.yaml"):
        shutil.copy(file, tmp_path / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("TRAINYARD_SANDBOX", raising=False)
    return tmp_path


@pytest.fixture
def advise(project: Path) -> Advise:
    def run(*options: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, ["advise", *options])
        return result.exit_code, result.stdout, result.stderr

    return run


def test_it_ranks_what_fits_over_every_way_to_have_it(advise: Advise) -> None:
    code, printed, _ = advise(*RUN, "--json")
    data = json.loads(printed)
    assert code == 0
    assert {each["way"] for each in data["candidates"]} == {"job", "VM", "TPU", "specialised", "buy"}
    assert all(each["memory_needed_gb"] <= each["accelerator_memory_gb"] for each in data["candidates"])
    assert data["buying"]["lacks"]


def test_it_is_told_in_100_columns(advise: Advise) -> None:
    code, printed, _ = advise(*RUN)
    assert code == 0
    assert max(map(len, printed.splitlines())) <= 100
    assert printed.startswith("llama-3-8b, qlora, 50M tokens, within 48h")


def test_only_the_asked_clouds_ways_and_capacities_are_looked_at(advise: Advise) -> None:
    _, printed, _ = advise(*RUN, "--cloud", "aws", "--way", "VM", "--capacity", "on-demand", "--json")
    rented = [each for each in json.loads(printed)["candidates"] if each["way"] != "buy"]
    assert rented
    assert {(each["cloud"], each["way"], each["capacity"]) for each in rented} == {("aws", "VM", "on-demand")}


def test_html_is_one_page_in_a_file(advise: Advise, project: Path) -> None:
    code, printed, _ = advise(*RUN, "--html", "advice.html")
    assert code == 0
    assert "advice.html written" in printed
    assert (project / "advice.html").read_text(encoding="utf-8").count("<svg") == 3


@pytest.mark.parametrize(("ways", "kind"), [((), TpuNode), (("--way", "VM"), GpuVm)])
def test_the_written_stack_is_one_that_check_accepts(
    advise: Advise, project: Path, ways: tuple[str, ...], kind: type
) -> None:
    code, printed, error = advise(*RUN, *FOR, *ways, "--capacity", "on-demand", "--write", "tune")
    assert (code, error) == (0, "")
    assert "stacks/Pulumi.tune.yaml written" in printed
    settings = load(project / "stacks", "tune")
    assert isinstance(settings.workloads["train"], kind)
    assert settings.stack.owner == settings.stack.cost_center == "ml-research"
    assert any(line.startswith("train: ") for line in check_stack("tune"))


def test_an_environments_price_factor_is_in_the_prices(advise: Advise) -> None:
    def first(*options: str) -> dict[str, str]:
        _, printed, _ = advise(*RUN, "--cloud", "gcp", "--region", "europe-west4", "--way", "VM", "--json", *options)
        return next(each for each in json.loads(printed)["candidates"] if each["way"] == "VM")

    assert float(first("--environment", "dev")["usd_hour"]) == pytest.approx(0.9 * float(first()["usd_hour"]))


def test_the_lease_holds_the_longer_end_and_the_cap_what_that_costs(advise: Advise, project: Path) -> None:
    _, printed, _ = advise(*RUN, *FOR, "--way", "VM", "--capacity", "on-demand", "--write", "tune", "--json")
    best = next(each for each in json.loads(printed)["candidates"] if each["way"] == "VM")
    lease = load(project / "stacks", "tune").lease
    assert lease is not None
    assert best["hours"]["most"] <= lease.ttl.total_seconds() / 3600 < best["hours"]["most"] + 1
    assert float(best["usd_hour"]) * best["hours"]["most"] <= float(lease.cap_usd)


def test_a_multi_machine_run_is_written_with_nodes_and_fabric_where_the_base_has_one(
    advise: Advise, project: Path
) -> None:
    options = ("--params", "70b", "--tokens", "500M", "--deadline", "48h", "--way", "VM", "--cloud", "gcp")
    code, _, error = advise(*options, "--environment", "prod", "--owner", "ml-pretraining", "--write", "big")
    assert (code, error) == (0, "")
    machine = load(project / "stacks", "big").workloads["train"]
    assert isinstance(machine, GpuVm)
    assert machine.nodes > 1
    assert machine.fabric is not None


def test_a_stack_file_that_is_there_is_written_over_by_force_only(advise: Advise, project: Path) -> None:
    path = project / "stacks" / "Pulumi.tune.yaml"
    path.write_text("mine\n", encoding="utf-8")
    code, _, error = advise(*RUN, *FOR, "--write", "tune")
    assert code == 2
    assert "is there already; give another name, or --force" in error
    assert path.read_text(encoding="utf-8") == "mine\n"
    assert advise(*RUN, *FOR, "--write", "tune", "--force")[0] == 0
    assert load(project / "stacks", "tune").lease is not None


def test_a_run_that_the_environment_does_not_allow_writes_nothing_and_says_why(advise: Advise, project: Path) -> None:
    options = ("--params", "70b", "--method", "qlora", "--tokens", "5B", "--way", "VM")
    code, _, error = advise(*options, *FOR, "--write", "tune")
    assert code == 2
    assert "nothing was written" in error
    assert sorted(path.name for path in (project / "stacks").glob("*tune*")) == []


def test_a_deadline_that_nothing_meets_ends_with_1_and_the_nearest(advise: Advise) -> None:
    code, printed, _ = advise("--params", "70b", "--tokens", "2T", "--deadline", "24h", "--max-machines", "1")
    assert code == 1
    assert "the soonest is" in printed
    assert "--deadline" in printed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--tokens", "1B"), "--params is missing; give a size such as 70b"),
        (("--params", "lama-3-70b", "--tokens", "1B"), "did you mean llama-3-70b"),
        (("--params", "70b"), "--tokens is missing; give all tokens that are trained on"),
        (("--params", "70b", "--tokens", "some"), '"some" is no number of tokens'),
        (("--params", "70b", "--tokens", "1B", "--method", "lorra"), "give one of full, lora, qlora"),
        (("--params", "70b", "--tokens", "1B", "--deadline", "soon"), '"soon" is no duration'),
        ((*RUN, "--have", "gpc"), '--have: no cloud is named "gpc"'),
        ((*RUN, "--cloud", "gpc"), 'no cloud is named "gpc"'),
        ((*RUN, "--way", "vm"), "give one of job, VM, TPU, specialised, own"),
        ((*RUN, "--buy", "RTX-9999"), 'no accelerator is named "RTX-9999"'),
        ((*RUN, "--usd-kwh", "cheap"), '--usd-kwh: "cheap" is no amount'),
        ((*RUN, "--usd-kwh", "NaN"), '--usd-kwh: "NaN" is no amount'),
        ((*RUN, "--write", "tune"), "--environment: none was given; environments of stacks/ are"),
        ((*RUN, "--write", "tune", "--environment", "sandbox"), "--owner: nobody was named"),
        ((*RUN, *FOR[:2], "--owner", "me", "--write", "tune"), '--owner: "me" is none'),
        ((*RUN, *FOR, "--write", "../tune"), "is no stack's name"),
    ],
)
def test_what_cannot_be_answered_ends_with_2_and_what_to_give(
    advise: Advise, options: tuple[str, ...], words: str
) -> None:
    code, _, error = advise(*options)
    assert code == 2
    assert words in error


def test_what_the_documentation_shows_is_what_is_printed(advise: Advise) -> None:
    text = (ROOT / "docs" / "advise.md").read_text(encoding="utf-8")
    found = re.search(r"```bash\ntrainyard advise (.*?)\n```\n```text\n(.*?)\n```", text, re.DOTALL)
    assert found is not None
    options, shown = shlex.split(found[1].replace("\\\n", " ")), found[2]
    _, printed, _ = advise(*options)
    today = re.compile(r"price of \S+: purchase price")
    assert today.sub("", printed.rstrip("\n")) == today.sub("", shown)
