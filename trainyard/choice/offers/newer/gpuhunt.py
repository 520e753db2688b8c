"""gpuhunt's catalogue: one CSV a provider, a row for each price, spot apart."""

from __future__ import annotations

import json
from collections.abc import Iterator

from trainyard.choice.offers.newer.quote import CHEAPEST_ZONE, At, File, Quote, number, whole
from trainyard.choice.offers.newer.quote import table as rows_of
from trainyard.choice.offers.rows import CatalogueError
from trainyard.facts.places import region_of

NAME = "gpuhunt"
CLOUDS = {"aws": "aws", "azure": "azure", "gcp": "gcp", "lambdalabs": "lambda"}  # by the provider's name there
COLUMNS = ("instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "spot")


def quotes(file: File) -> Iterator[Quote]:
    """The prices of machines with accelerators; those without are left out."""
    for line, row in rows_of(file, COLUMNS):
        at = At(file=file.name, row=line, column="price")
        count = number(row["gpu_count"], At(file=file.name, row=line, column="gpu_count"))
        if not count or _calendar(row, At(file=file.name, row=line, column="provider_data")):
            continue
        spot = row["spot"] == "True"
        place = row["location"]
        zonal = file.cloud == "gcp"
        yield Quote(
            cloud=file.cloud,
            machine_type=row["instance_name"],
            chip=row["gpu_name"],
            chip_memory_gib=whole(row["gpu_memory"], At(file=file.name, row=line, column="gpu_memory")),
            count=float(count),
            vcpus=whole(row["cpu"], At(file=file.name, row=line, column="cpu")),
            memory_gib=whole(row["memory"], At(file=file.name, row=line, column="memory")),
            region=region_of("gcp", place) if zonal else place,
            zone=place if zonal else "",
            way="spot" if spot else "on-demand",
            usd_hour=number(row["price"], at),
            # Its spot price of an AWS region is the lowest of the region's zones.
            lacks=CHEAPEST_ZONE if spot and file.cloud == "aws" else "",
            at=at,
        )


def _calendar(row: dict[str, str], at: At) -> bool:
    """Whether it is the price of a calendar reservation, which is bought beforehand."""
    try:
        return bool(json.loads(row.get("provider_data") or "{}").get("is_dws_calendar_mode"))
    except (ValueError, AttributeError):
        message = f"{at.file}: row {at.row}, column {at.column}: it is no JSON object; nothing was replaced."
        raise CatalogueError(message) from None
