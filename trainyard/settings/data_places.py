"""Where a workload's data lies, and which regions would have to read it from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.facts.places import region_of
from trainyard.settings.base import Base
from trainyard.settings.data import (
    DataSet,
    ExistingBucket,
    ExistingDisk,
    ExistingFilestore,
    ExistingLustre,
    MadeBucket,
    MadeDisk,
    MadeFilestore,
    MadeLustre,
)
from trainyard.settings.data_aws import region_of_data
from trainyard.settings.kinds import Workload, data_of

# Cloud Storage docs, Bucket locations: multi-regions
_MULTI = {"eu": "europe-", "us": "us-", "asia": "asia-"}


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A data set that a machine of some region reads over the border of its own."""

    name: str
    place: str | None  # a region, or a multi-region that does not hold it; None: the files do not tell
    use: str  # "read" or "write"

    @property
    def refused(self) -> bool:
        """Whether it lies in another region for certain."""
        return self.place is not None


def elsewhere(workload: Workload, base: Base | None, cloud: str, region: str) -> Iterator[Elsewhere]:
    """The data sets of the cloud that do not lie in the region, or not for certain."""
    if base is None:
        return
    held = base.data(cloud)
    for name, use in data_of(workload).items():
        if name in held:
            place = place_of(cloud, held[name])
            if place is None or not _holds(place, region):
                yield Elsewhere(name=name, place=place, use=use)


def _holds(place: str, region: str) -> bool:
    return place == region or (place in _MULTI and region.startswith(_MULTI[place]))


def place_of(cloud: str, data: object) -> str | None:
    """The region, or the multi-region, that a data set lies in; None where its file does not tell."""
    match cloud:
        case "gcp":
            return _on_gcp(data)  # type: ignore[arg-type]  # what `Base.data("gcp")` holds
        case "aws":
            return region_of_data(data)  # type: ignore[arg-type]  # what `Base.data("aws")` holds
        case _:
            region: str | None = getattr(data, "region", None)
            return region


def _on_gcp(data: DataSet) -> str | None:
    match data:
        case MadeBucket(location=location):
            return location.lower()
        case MadeFilestore(location=place) | MadeDisk(zone=place) | MadeLustre(zone=place):
            return _region(place)
        case ExistingDisk(id=id_) | ExistingFilestore(id=id_) | ExistingLustre(id=id_):
            return _region(id_.split("/")[3])
        case ExistingBucket():
            return None


def _region(place: str) -> str:
    return region_of("gcp", place) if place.count("-") == 2 else place
