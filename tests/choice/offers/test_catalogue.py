"""Where the catalogue comes from: files, the cache, newer prices and declared machines."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from trainyard.choice.offers import store
from trainyard.choice.offers.ask import Ask, AskError
from trainyard.choice.offers.catalogue import cache_folder, data_folder, load
from trainyard.choice.offers.currency import rate
from trainyard.choice.offers.declared import COLUMNS
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.query import search
from trainyard.choice.offers.rows import CatalogueError
from trainyard.choice.offers.words import as_data


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_DATA_HOME": str(tmp_path / "data")}


def same(one: Catalogue, other: Catalogue) -> bool:
    return [as_data(row) for row in search(Ask(), one).rows] == [as_data(row) for row in search(Ask(), other).rows]


def test_a_stored_catalogue_is_the_built_one(catalogue: Catalogue) -> None:
    loaded = store.load(store.dump(catalogue))
    assert same(loaded, catalogue)
    for field in fields(catalogue.columns):
        assert getattr(loaded.columns, field.name) == getattr(catalogue.columns, field.name)


def test_the_second_load_comes_out_of_the_cache(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(environ)
    monkeypatch.setattr("trainyard.choice.offers.catalogue.build", lambda *_given: pytest.fail("built a second time"))
    assert same(load(environ), first)


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-1], lambda data: b"", lambda data: data[:9000] + b"x" + data[9001:]]
)
def test_a_broken_cache_is_built_anew(environ: dict[str, str], harm: object) -> None:
    first = load(environ)
    (cached,) = cache_folder(environ).iterdir()
    assert callable(harm)
    cached.write_bytes(harm(cached.read_bytes()))
    assert same(load(environ), first)


def test_a_home_that_cannot_be_written_costs_time_only(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder would be")
    assert len(load(environ)) > 10_000


def test_old_catalogues_leave_the_cache(environ: dict[str, str], tmp_path: Path) -> None:
    load(environ)
    for number in range(9):
        old = cache_folder(environ) / f"{number}.offers"
        old.write_text("old")
        os.utime(old, (number, number))
    machines = tmp_path / "machines.csv"
    machines.write_text(",".join(COLUMNS) + "\nbox,L4,1,,,desk,,\n")
    load(environ, machines)
    assert len(list(cache_folder(environ).iterdir())) == 4


def test_a_newer_price_counts_over_the_snapshot(environ: dict[str, str]) -> None:
    data = data_folder(environ)
    data.mkdir(parents=True)
    (data / "sources.csv").write_text("code,date,licence,text\nmine,2026-11-20,own,my list\n")
    (data / "offers_gcp.csv").write_text(
        "machine_type,accelerator,count,vcpus,memory_gib,region,zone,on_demand,on_demand_source,spot,spot_source\n"
        "a2-highgpu-1g,a100-40-sxm-none,1,12,85,us-central1,us-central1-a,3.5,mine,,!unlisted\n"
    )
    found = search(Ask(machine_type="a2-highgpu-1g", zones=("us-central1-a",)), load(environ)).rows
    assert [(row.capacity, str(row.price_usd_hour), as_data(row)["price_source"]) for row in found] == [
        ("on-demand", "3.5", "my list"),
        ("flex-start", "3.5", "my list"),
        ("spot", "None", None),
    ]


@pytest.mark.parametrize(
    ("accelerator", "price", "source", "words"),
    [
        ("no-such-chip", "3.5", "mine", "no-such-chip"),
        ("a100-40-sxm-none", "dear", "mine", "broken"),
        ("a100-40-sxm-none", "3.5", "yours", "name the source yours"),
    ],
)
def test_newer_prices_that_somebody_broke_are_named(
    environ: dict[str, str], accelerator: str, price: str, source: str, words: str
) -> None:
    data = data_folder(environ)
    data.mkdir(parents=True)
    (data / "sources.csv").write_text("code,date,licence,text\nmine,2026-11-20,own,my list\n")
    (data / "offers_gcp.csv").write_text(
        "machine_type,accelerator,count,vcpus,memory_gib,region,zone,on_demand,on_demand_source,spot,spot_source\n"
        f"a2-highgpu-1g,{accelerator},1,12,85,us-central1,us-central1-a,{price},{source},,!unlisted\n"
    )
    with pytest.raises(CatalogueError) as error:
        load(environ)
    assert words in str(error.value)
    assert str(data) in str(error.value)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("box,L5,1,,,desk,,", "row 2, column accelerator"),
        ("box,A100,1,,,desk,,", "A100 has 40 or 80 GB"),
        ("box,L4,0,,,desk,,", 'row 2, column count: "0"'),
        ("box,L4,1,many,,desk,,", 'row 2, column vcpus: "many"'),
        ("box,L4,1,,,desk,0,2026-11-01", 'row 2, column usd_hour: "0" is no price'),
        ("box,L4,1,,,desk,nan,2026-11-01", 'row 2, column usd_hour: "nan" is no price'),
        ("box,L4,1,,,desk,1.5,", 'row 2, column date: ""'),
        (",L4,1,,,desk,,", "row 2, column name"),
        ("box,L4,1,,,,,", "row 2, column place"),
    ],
)
def test_a_wrong_machine_is_named_by_row_and_column(
    environ: dict[str, str], tmp_path: Path, row: str, words: str
) -> None:
    path = tmp_path / "machines.csv"
    path.write_text(",".join(COLUMNS) + f"\n{row}\n")
    with pytest.raises(CatalogueError) as error:
        load(environ, path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


def test_a_rate_is_the_users_with_its_day() -> None:
    given = rate("EUR=0.86@2026-11-20")
    assert (given.currency, str(given.per_usd), str(given.day)) == ("EUR", "0.86", "2026-11-20")


@pytest.mark.parametrize("text", ["EUR", "EUR=0@2026-11-20", "EUR=0.86", "EUR=0.86@2026-13-01", "euro=1@2026-11-20"])
def test_a_rate_without_its_day_is_none(text: str) -> None:
    with pytest.raises(AskError, match=r"EUR=0\.86@2026-11-20"):
        rate(text)
