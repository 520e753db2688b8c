"""SkyPilot's catalogue, version 8: one vms.csv a cloud; Google's has machines, GPUs and TPUs in rows of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trainyard.choice.offers.index import Shape
from trainyard.choice.offers.names import accelerator
from trainyard.choice.offers.newer.quote import BUNDLED_SSD, At, File, Quote, number, whole
from trainyard.choice.offers.newer.quote import table as rows_of

NAME = "SkyPilot"
CLOUDS = ("gcp", "aws", "azure", "lambda", "paperspace")
COLUMNS = ("InstanceType", "vCPUs", "MemoryGiB", "AcceleratorName", "AcceleratorCount", "Region", "Price", "SpotPrice")
_UNKNOWN_TPU = Decimal(700)  # its mark for a TPU v6e without a price, whatever the size
_FREE_HOSTS = ("a4-",)  # the GPU's price holds the whole machine
_SSDS_APART = ("a2-ultragpu-", "a3-", "a4-")  # their local SSDs are forced on them and in no price of this catalogue
_SLICE = re.compile(r"tpu-(v[0-9][a-z]*-[0-9]+)")
_MEGA = "-MEGA"  # the same chip in a machine of another network
_MEBIBYTES = re.compile(r"'SizeInMiB': ([0-9]+)")  # of one chip, in its text of the GPU
_WAYS = (("on-demand", "Price"), ("spot", "SpotPrice"))
_Prices = Mapping[str, tuple[Decimal, At]]  # by way


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A host or the GPUs in a zone."""

    vcpus: int | None
    memory_gib: int | None
    prices: _Prices


def quotes(file: File, shapes: Sequence[Shape]) -> Iterator[Quote]:
    """The prices of machines with accelerators; `shapes`: what is known already, which tells Google's hosts."""
    if file.cloud == "gcp":
        yield from _google(file, shapes)
        return
    for line, row in rows_of(file, COLUMNS):
        if row["AcceleratorName"]:
            for way, (usd, at) in _prices(file, line, row).items():
                yield _quote(file, row, line, way, usd, at)


def _quote(file: File, row: dict[str, str], line: int, way: str, usd: Decimal, at: At) -> Quote:
    return Quote(
        cloud=file.cloud,
        machine_type=row["InstanceType"],
        chip=row["AcceleratorName"],
        chip_memory_gib=int(told[1]) // 1024 if (told := _MEBIBYTES.search(row.get("GpuInfo", ""))) else None,
        count=float(number(row["AcceleratorCount"], At(file=file.name, row=line, column="AcceleratorCount"))),
        vcpus=whole(row["vCPUs"], At(file=file.name, row=line, column="vCPUs")),
        memory_gib=whole(row["MemoryGiB"], At(file=file.name, row=line, column="MemoryGiB")),
        region=row["Region"],
        zone=row.get("AvailabilityZone", ""),
        way=way,
        usd_hour=usd,
        lacks="",
        at=at,
    )


def _google(file: File, shapes: Sequence[Shape]) -> Iterator[Quote]:
    hosts: dict[tuple[str, str], _Part] = {}
    gpus: dict[tuple[str, float, str], tuple[_Part, dict[str, str]]] = {}
    for line, row in rows_of(file, (*COLUMNS, "AvailabilityZone")):
        prices, zone = _prices(file, line, row), row["AvailabilityZone"]
        if found := _SLICE.fullmatch(row["AcceleratorName"]):
            yield from _slice(row, found[1], prices)
            continue
        part = _Part(
            vcpus=whole(row["vCPUs"], At(file=file.name, row=line, column="vCPUs")),
            memory_gib=whole(row["MemoryGiB"], At(file=file.name, row=line, column="MemoryGiB")),
            prices=prices,
        )
        if row["InstanceType"]:
            hosts[row["InstanceType"], zone] = part
        else:
            chips = number(row["AcceleratorCount"], At(file=file.name, row=line, column="AcceleratorCount"))
            gpus[row["AcceleratorName"], float(chips), zone] = part, row
    types = {(shape.machine_type, shape.count): shape for shape in shapes if shape.cloud == "gcp"}
    for (chip, count, zone), (part, row) in gpus.items():
        if accelerator(chip.removesuffix(_MEGA)) is None:
            yield from _unknown(chip, count, row, part)
        for shape in types.values():
            host = hosts.get((shape.machine_type, zone))
            if host is not None and shape.count == count and _is(shape, chip):
                yield from _machine(shape, row, host, part)


def _is(shape: Shape, name: str) -> bool:
    mega = name.endswith(_MEGA)
    wanted = accelerator(name.removesuffix(_MEGA))
    chip = shape.accelerator
    return (
        wanted is not None
        and chip.chip == wanted.chip
        and wanted.memory_gib in (None, chip.memory_gib)
        and (chip.memory_gib < 80 or chip.chip != "A100" or wanted.memory_gib == 80)  # "A100" alone is the one of 40 GB
        and mega == (chip.fabric == "gpudirect-tcpxo")
    )


def _machine(shape: Shape, row: dict[str, str], host: _Part, gpus: _Part) -> Iterator[Quote]:
    for way, (usd, at) in gpus.prices.items():
        of_host = host.prices.get(way)
        if of_host is None or (not of_host[0] and not shape.machine_type.startswith(_FREE_HOSTS)):
            continue  # half a price is none
        yield Quote(
            cloud="gcp",
            machine_type=shape.machine_type,
            chip=shape.accelerator.chip,
            chip_memory_gib=shape.accelerator.memory_gib,
            count=shape.count,
            vcpus=host.vcpus,
            memory_gib=host.memory_gib,
            region=row["Region"],
            zone=row["AvailabilityZone"],
            way=way,
            usd_hour=usd + of_host[0] if usd else usd,
            lacks=BUNDLED_SSD if shape.machine_type.startswith(_SSDS_APART) else "",
            at=at,
        )


def _unknown(chip: str, count: float, row: dict[str, str], part: _Part) -> Iterator[Quote]:
    """GPUs that nobody here knows, without a machine: the check lists them."""
    for way, (usd, at) in part.prices.items():
        yield Quote(
            cloud="gcp",
            machine_type="",
            chip=chip,
            chip_memory_gib=None,
            count=count,
            vcpus=None,
            memory_gib=None,
            region=row["Region"],
            zone=row["AvailabilityZone"],
            way=way,
            usd_hour=usd,
            lacks="",
            at=at,
        )


def _slice(row: dict[str, str], name: str, prices: _Prices) -> Iterator[Quote]:
    generation = name.partition("-")[0].replace("v5litepod", "v5e")
    for way, (usd, at) in prices.items():
        if usd == _UNKNOWN_TPU:
            continue
        yield Quote(
            cloud="gcp",
            machine_type=name,
            chip=generation,
            chip_memory_gib=None,
            count=0,  # the catalogue knows a slice's chips by its name
            vcpus=None,
            memory_gib=None,
            region=row["Region"],
            zone=row["AvailabilityZone"],
            way=way,
            usd_hour=usd,
            lacks="",
            at=at,
        )


def _prices(file: File, line: int, row: dict[str, str]) -> dict[str, tuple[Decimal, At]]:
    """The prices that a row tells; a blank is none."""
    found = {}
    for way, column in _WAYS:
        if row[column].strip():
            at = At(file=file.name, row=line, column=column)
            found[way] = number(row[column], at), at
    return found
