"""Newer prices out of gpuhunt's and SkyPilot's catalogues: converted, checked, and put in place whole or not at all."""

import io
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from trainyard.choice.offers import status
from trainyard.choice.offers.ask import Ask
from trainyard.choice.offers.catalogue import data_folder, load
from trainyard.choice.offers.newer.refresh import Refreshed, refresh, words
from trainyard.choice.offers.query import Rows, search
from trainyard.choice.offers.rows import CatalogueError
from trainyard.facts.price import AtLeast, Known

TODAY, AS_OF = date(2026, 11, 24), date(2026, 11, 20)
GPUHUNT = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,flags,cpu_arch,"
    "provider_data\n"
)
SKYPILOT = (
    "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice\n"
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


def hunt(source: Path, provider: str, *rows: str) -> str:
    """A folder of gpuhunt's with one provider; a row: type, place, price, count, name, memory, spot."""
    source.mkdir(exist_ok=True)
    lines = []
    for row in rows:
        machine, place, price, count, name, memory, spot = row.split(",")
        lines.append(f"{machine},{place},{price},8,64.0,{count},{name},{memory},{spot},,nvidia,,x86,{{}}\n")
    (source / f"{provider}.csv").write_text(GPUHUNT + "".join(lines))
    return str(source)


def sky(source: Path, cloud: str, *rows: str) -> str:
    (source / cloud).mkdir(parents=True)
    (source / cloud / "vms.csv").write_text(SKYPILOT + "".join(f"{row}\n" for row in rows))
    return str(source)


def refreshed(where: str, environ: dict[str, str], as_of: date | None = AS_OF) -> Refreshed:
    return refresh(where, environ, cloud=None, as_of=as_of, today=TODAY)


def found(environ: dict[str, str], machine_type: str, capacity: str, zone: str = "", region: str = "") -> Rows:
    ask = Ask(
        machine_type=machine_type,
        capacities=(capacity,),
        zones=(zone,) if zone else (),
        regions=(region,) if region else (),
    )
    return search(ask, load(environ)).rows


def reasons(done: Refreshed) -> list[str]:
    return [each.why for each in done.checked.quarantined]


def test_a_newer_price_is_taken_with_its_day_and_source(source: Path, environ: dict[str, str]) -> None:
    where = hunt(
        source, "gcp", "g2-standard-4,us-central1-a,0.75,1,L4,24,False", "g2-standard-4,us-central1-a,0.3,1,L4,24,True"
    )
    assert refreshed(where, environ).checked.taken == 2
    (row,) = found(environ, "g2-standard-4", "on-demand", "us-central1-a")
    assert isinstance(row.price, Known)
    assert (str(row.price.usd_hour), row.price.date, row.price.source) == (
        "0.75",
        AS_OF,
        f"gpuhunt's catalogue, {where}",
    )
    assert row.accelerator.form == "pcie"
    elsewhere = found(environ, "g2-standard-4", "on-demand", "us-central1-b")[0]
    assert isinstance(elsewhere.price, Known)
    assert elsewhere.price.source.startswith("Cyclenerd/")


@pytest.mark.parametrize(
    ("price", "spot", "why"),
    [
        ("0", "False", "the price is 0"),
        ("0.0706", "False", "under a tenth of the last price"),
        ("7.07", "False", "over ten times the last price"),
        ("0.72", "True", "spot above on-demand (0.706832 USD/h)"),
    ],
)
def test_what_cannot_be_right_is_listed_and_the_old_price_holds(
    source: Path, environ: dict[str, str], price: str, spot: str, why: str
) -> None:
    way = "spot" if spot == "True" else "on-demand"
    before = found(environ, "g2-standard-4", way, "us-central1-a")[0].price
    done = refreshed(hunt(source, "gcp", f"g2-standard-4,us-central1-a,{price},1,L4,24,{spot}"), environ)
    assert reasons(done) == [why]
    assert f"{source}/gcp.csv: row 2, column price: g2-standard-4 in us-central1-a" in words(
        done.checked.quarantined[0]
    )
    assert found(environ, "g2-standard-4", way, "us-central1-a")[0].price == before


def test_the_edges_of_what_can_be_right_are_within_it(source: Path, environ: dict[str, str]) -> None:
    last = found(environ, "g2-standard-4", "on-demand", "us-central1-a")[0].price_usd_hour
    assert last is not None
    where = hunt(source, "gcp", f"g2-standard-4,us-central1-a,{last * 10},1,L4,24,False")
    assert reasons(refreshed(where, environ)) == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x9-mega,us-central1-a,9,8,Z900,80,False", 'unknown accelerator "Z900"'),
        ("x9-mega,us-central1-a,9,8,A100,64,False", 'unknown memory of accelerator "A100"'),
        ("g2-standard-4,us-central1-a,0.7,2,L4,24,False", "g2-standard-4 has 1 × L4, not 2 × L4"),
        ("a3-highgpu-1g,us-central1-a,9,1,H100,80,False", "a3-highgpu-1g is not sold as on-demand"),
    ],
)
def test_an_accelerator_or_a_way_that_cannot_be_is_listed(
    source: Path, environ: dict[str, str], row: str, why: str
) -> None:
    assert reasons(refreshed(hunt(source, "gcp", row), environ)) == [why]


def test_a_new_machine_claims_no_form_that_its_source_does_not_tell(source: Path, environ: dict[str, str]) -> None:
    assert refreshed(hunt(source, "aws", "p9.48xlarge,us-east-1,50,8,H200,141,False"), environ).checked.taken == 1
    (row,) = found(environ, "p9.48xlarge", "on-demand")
    assert (row.accelerator.chip, row.accelerator.form, row.accelerator.fabric) == ("H200", "unverified", "unverified")


def test_a_price_of_an_aws_region_holds_in_its_zones_but_not_in_local_ones(
    source: Path, environ: dict[str, str]
) -> None:
    where = hunt(
        source,
        "aws",
        "p5.48xlarge,us-east-1,50,8,H100,80,False",
        "p5.48xlarge,us-east-1,20,8,H100,80,True",
    )
    refreshed(where, environ)
    rows = {row.zone: row for row in found(environ, "p5.48xlarge", "on-demand", region="us-east-1")}
    assert {str(row.price_usd_hour) for zone, row in rows.items() if "atl" not in zone} == {"50"}
    assert str(rows["use1-atl2-az1"].price_usd_hour) != "50"
    spot = found(environ, "p5.48xlarge", "spot", "use1-az1")[0]
    assert isinstance(spot.price, AtLeast)
    assert "cheapest of its region" in spot.price.lacks


def test_a_calendar_price_and_a_machine_without_accelerator_are_left_out(source: Path, environ: dict[str, str]) -> None:
    source.mkdir()
    (source / "gcp.csv").write_text(
        GPUHUNT
        + "n2-standard-4,us-central1-a,0.2,4,16.0,0,,,False,,,,x86,{}\n"
        + 'g2-standard-4,us-central1-a,0.5,4,16.0,1,L4,24.0,False,,nvidia,,x86,"{""is_dws_calendar_mode"": true}"\n'
        + "g2-standard-4,us-central1-b,0.5,4,16.0,1,L4,24.0,False,,nvidia,,x86,{}\n"
    )
    assert refreshed(str(source), environ).checked.taken == 1


def test_googles_parts_are_added_up_and_what_they_leave_out_is_said(source: Path, environ: dict[str, str]) -> None:
    where = sky(
        source,
        "gcp",
        "a2-highgpu-1g,12.0,85.0,,,,us-central1,us-central1-a,0.7,0.3",
        "a3-highgpu-8g,208.0,1872.0,,,,us-central1,us-central1-a,9.5,2.9",
        "a3-megagpu-8g,208.0,1872.0,,,,us-central1,us-central1-a,9.5,2.9",
        ",,,A100,1.0,x,us-central1,us-central1-a,2.9,1.4",
        ",,,H100,8.0,x,us-central1,us-central1-a,70.0,30.0",
        ",,,H100-MEGA,8.0,x,us-central1,us-central1-a,72.0,32.0",
        ",,,L4,1.0,x,us-central1,us-central1-a,0.5,0.2",  # no host in this file: half a price is none
        ",,,tpu-v5litepod-8,1.0,x,us-central1,us-central1-a,9.7,2.0",
        ",,,tpu-v6e-8,1.0,x,us-east5,us-east5-b,700.0,700.0",
        ",,,Z900,8.0,x,us-central1,us-central1-a,33.6,",
    )
    done = refreshed(where, environ)
    assert reasons(done) == ['unknown accelerator "Z900"']
    prices = {
        name: found(environ, name, "on-demand", "us-central1-a")[0].price
        for name in ("a2-highgpu-1g", "a3-highgpu-8g", "a3-megagpu-8g", "v5litepod-8")
    }
    assert {name: str(price.usd_hour) for name, price in prices.items() if not hasattr(price, "reason")} == {
        "a2-highgpu-1g": "3.6",
        "a3-highgpu-8g": "79.5",
        "a3-megagpu-8g": "81.5",
        "v5litepod-8": "9.7",
    }
    assert isinstance(prices["a3-highgpu-8g"], AtLeast)
    assert isinstance(prices["a2-highgpu-1g"], Known)


def test_a_price_older_than_the_known_one_is_not_taken(source: Path, environ: dict[str, str]) -> None:
    where = hunt(source, "gcp", "g2-standard-4,us-central1-a,0.75,1,L4,24,False")
    done = refreshed(where, environ, as_of=date(2026, 7, 29))
    assert (done.checked.taken, done.checked.older) == (0, 1)


def test_a_second_refresh_keeps_what_the_first_took(source: Path, environ: dict[str, str], tmp_path: Path) -> None:
    refreshed(hunt(source, "gcp", "g2-standard-4,us-central1-a,0.75,1,L4,24,False"), environ)
    other = hunt(tmp_path / "other", "azure", "Standard_NC24ads_A100_v4,eastus,3.5,1,A100,80,False")
    refreshed(other, environ)
    assert str(found(environ, "g2-standard-4", "on-demand", "us-central1-a")[0].price_usd_hour) == "0.75"
    assert str(found(environ, "Standard_NC24ads_A100_v4", "on-demand", region="eastus")[0].price_usd_hour) == "3.5"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GPUHUNT + "g2-standard-4,us-central1-a\n", "gcp.csv: row 2: 2 columns instead of 14"),
        (GPUHUNT.replace("price", "cost"), "gcp.csv: row 1: there is no column price"),
        (
            GPUHUNT + "g2-standard-4,us-central1-a,dear,4,16.0,1,L4,24.0,False,,,,x86,{}\n",
            'row 2, column price: "dear"',
        ),
        (GPUHUNT + "g2-standard-4,us-central1-a,nan,4,16.0,1,L4,24.0,False,,,,x86,{}\n", 'row 2, column price: "nan"'),
        (GPUHUNT + "g2-standard-4,us-central1-a,1,4,16.0,x,L4,24.0,False,,,,x86,{}\n", "row 2, column gpu_count"),
        ("what,ever\n1,2\n", "no price list of gpuhunt or SkyPilot"),
    ],
)
def test_a_broken_file_replaces_nothing(source: Path, environ: dict[str, str], text: str, words: str) -> None:
    source.mkdir()
    (source / "aws.csv").write_text(GPUHUNT + "p5.48xlarge,us-east-1,50,8,64.0,8,H100,80.0,False,,nvidia,,x86,{}\n")
    (source / "gcp.csv").write_text(text)
    if "what" in text:
        (source / "aws.csv").unlink()
    with pytest.raises(CatalogueError) as error:
        refreshed(str(source), environ)
    assert words in str(error.value)
    assert not data_folder(environ).exists()


def test_a_refresh_that_is_killed_while_it_writes_leaves_what_was(
    source: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed(hunt(source, "gcp", "g2-standard-4,us-central1-a,0.75,1,L4,24,False"), environ)
    before = os.readlink(data_folder(environ))

    def stop(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trainyard.choice.offers.newer.refresh._write", stop)
    with pytest.raises(KeyboardInterrupt):
        refreshed(hunt(source, "gcp", "g2-standard-4,us-central1-a,0.8,1,L4,24,False"), environ)
    assert os.readlink(data_folder(environ)) == before
    assert sorted(path.name for path in data_folder(environ).parent.iterdir()) == sorted(["current", before])


def test_old_versions_stay_but_not_for_ever(source: Path, environ: dict[str, str]) -> None:
    for cents in range(70, 78):
        refreshed(hunt(source, "gcp", f"g2-standard-4,us-central1-a,0.{cents},1,L4,24,False"), environ)
    assert len(list(data_folder(environ).parent.glob("prices-*"))) == 5
    assert str(found(environ, "g2-standard-4", "on-demand", "us-central1-a")[0].price_usd_hour) == "0.77"


@pytest.fixture
def server(source: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    source.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(source))) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_gpuhunts_address_is_read_by_its_version(server: str, source: Path, environ: dict[str, str]) -> None:
    (source / "gcp" / "20261118").mkdir(parents=True)
    (source / "gcp" / "version").write_text("20261118\n")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        row = "g2-standard-4,us-central1-a,0.75,4,16.0,1,L4,24.0,False,,nvidia,,x86,{}\n"
        archive.writestr("gcp.csv", GPUHUNT + row)
    (source / "gcp" / "20261118" / "catalog.zip").write_bytes(packed.getvalue())
    done = refreshed(server, environ, as_of=None)
    assert (done.checked.taken, done.source.day, done.source.dated_by) == (1, date(2026, 11, 18), "its version")


def test_skypilots_address_is_read_cloud_by_cloud(server: str, source: Path, environ: dict[str, str]) -> None:
    sky(source, "aws", "p5.48xlarge,192.0,2048.0,H100,8.0,x,us-east-1,use1-az1,50.0,20.0")
    done = refreshed(server, environ)
    assert (done.checked.taken, done.source.format) == (2, "SkyPilot")


def test_an_address_that_does_not_answer_replaces_nothing(environ: dict[str, str]) -> None:
    with pytest.raises(CatalogueError, match=r"cannot be read.*nothing was replaced"):
        refreshed("http://127.0.0.1:9", environ)


def test_prices_are_not_read_in_the_open(environ: dict[str, str]) -> None:
    with pytest.raises(CatalogueError, match="over https only"):
        refreshed("http://prices.example/catalog", environ)


def test_status_tells_age_and_reach_of_each_cloud(source: Path, environ: dict[str, str]) -> None:
    refreshed(hunt(source, "gcp", "g2-standard-4,us-central1-a,0.75,1,L4,24,False"), environ)
    catalogue = load(environ)
    by_cloud = {each.cloud: each for each in status.coverage(catalogue)}
    assert by_cloud["gcp"].newest == AS_OF
    assert sum(each.offers for each in by_cloud.values()) == len(catalogue)
    assert sum(each.priced for each in by_cloud.values()) == catalogue.known
    text = "\n".join(status.lines(catalogue, data_folder(environ), TODAY))
    assert "4 to 327" in text
    assert f"gcp: 2 prices of {AS_OF} from gpuhunt's catalogue, {source}" in text
    assert "0 were not taken" in text
