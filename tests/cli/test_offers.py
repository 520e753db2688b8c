"""`trainyard offers` in a terminal and for programs."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainyard.cli.app import app
from trainyard.cli.offers import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


Run = Callable[..., tuple[int, str]]
DOC = (Path(__file__).parents[2] / "docs" / "offers.md").read_text()
SHOWN = re.findall(r"^```bash\ntrainyard offers ([^\n]*)\n```\n```text\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The exit code and everything that is written."""

    def of(*words: str) -> tuple[int, str]:
        try:
            code = main(words)
        except SystemExit as end:
            code = int(str(end.code))
        written = capsys.readouterr()
        return code, written.out + written.err

    return of


def test_the_cheapest_come_first_with_price_date_and_source(run: Run) -> None:
    code, output = run("H100:8", "--region", "europe", "--capacity", "spot", "--max-usd-hour", "30", "--limit", "2")
    lines = output.splitlines()
    assert code == 0
    assert lines[0].startswith("H100:8: ")
    assert lines[0].endswith("offers fit, the cheapest 2 of them")
    assert "10.21    1.28  spot  gcp    a3-highgpu-8g" in lines[2]
    assert "2026-07-30 [1]" in lines[2]
    assert lines[4].startswith("[1] Cyclenerd/google-cloud-pricing-cost-calculator")


def test_programs_get_every_offer_as_json(run: Run) -> None:
    code, output = run("v5e-8", "p5.48xlarge", "--json")
    first, second = json.loads(output)
    assert code == 0
    assert first["fit"] == len(first["offers"]) > 20
    assert {row["machine_type"] for row in second["offers"]} == {"p5.48xlarge"}
    prices = [float(row["price_usd_hour"]) for row in second["offers"] if row["price_usd_hour"]]
    assert prices == sorted(prices)


def test_nothing_that_fits_is_exit_code_1_with_what_would(run: Run) -> None:
    code, output = run("H100:8", "--capacity", "spot", "--max-usd-hour", "1")
    assert code == 1
    assert "nothing fits; this would let something in:\n  max_usd_hour from 1 to " in output


def test_explain_names_what_removed_the_others(run: Run) -> None:
    code, output = run("H100:8", "--explain", "--limit", "1")
    assert code == 0
    assert "another accelerator than H100" in output
    assert "not 8 chips in one machine" in output


def test_accelerator_memory_leaves_the_count_open(run: Run) -> None:
    code, output = run("--accelerator-memory-gib", "320", "--most", "8", "--fabric", "nvlink", "--json")
    (found,) = json.loads(output)
    assert code == 0
    assert all(row["count"] * row["accelerator_memory_gib"] >= 320 for row in found["offers"])
    assert {row["count"] for row in found["offers"]} >= {4, 8}
    assert {row["form"] for row in found["offers"]} <= {"sxm", "superchip"}


def test_machines_of_ones_own_stand_in_the_checkout(run: Run) -> None:
    Path("stacks").mkdir()
    Path("stacks/machines.csv").write_text(
        "name,accelerator,count,vcpus,memory_gib,place,usd_hour,date\nrack-7,A6000,4,64,512,office,1.20,2026-11-01\n"
    )
    _code, output = run("A6000:4")
    assert "on-premise" in output
    assert "2026-11-01" in output


def test_a_billing_currency_is_shown_at_the_given_rate(run: Run) -> None:
    _code, output = run("L4", "--limit", "1", "--rate", "EUR=0.5@2026-11-20")
    assert "EUR/h" in output
    assert "1 USD = 0.5 EUR on 2026-11-20, as given" in output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["H10O"], "did you mean H100"),
        (["H100", "--cloud", "gpc"], "give one of aws, azure, coreweave, gcp"),
        (["H100", "--region", "eurpe"], "did you mean europe"),
        (["H100", "--capacity", "reserved"], "on-demand, spot, flex-start"),
        (["H100", "--max-usd-hour", "-1"], "above 0"),
        (["H100", "--max-usd-hour", "thirty"], "no amount"),
        (["H100", "--machines", "none.csv"], "none.csv"),
        (["H100", "--limit", "-1"], "no number of rows"),
        (["H100", "--kind", "lab"], "give one of gpu-vm"),
    ],
)
def test_a_wrong_word_is_exit_code_2_with_what_is_allowed(run: Run, words: list[str], message: str) -> None:
    code, output = run(*words)
    assert code == 2
    assert message in output


def test_the_command_line_hands_its_words_on() -> None:
    result = CliRunner().invoke(app, ["offers", "H10O", "--json"])
    assert result.exit_code == 2
    assert "did you mean H100" in result.output


@pytest.mark.parametrize(("line", "shown"), SHOWN, ids=[line for line, _shown in SHOWN])
def test_what_the_documentation_shows_is_what_it_prints(run: Run, line: str, shown: str) -> None:
    _code, output = run(*shlex.split(line))
    assert output == shown


def test_the_documentation_shows_every_way_to_ask() -> None:
    assert len(SHOWN) == 5
