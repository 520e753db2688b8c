"""What is wanted, over all clouds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from trainyard.choice.offers.index import WAYS
from trainyard.facts.accelerator import Wanted

_NVLINK_FORMS = ("sxm", "superchip")  # NVIDIA's modules that speak NVLink to one another; a PCIe card needs a bridge
NVLINK = "nvlink"


class AskError(ValueError):
    """A question that nothing can answer as it stands; its text says what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question; None and empty leave a thing open."""

    wanted: Wanted | None = None  # chip, memory of one chip, form, fabric between machines
    count: float | None = None  # chips in one machine, exactly
    most: int | None = None  # or at most so many
    accelerator_memory_gib: int | None = None  # at least, of all chips of the machine together
    form: str | None = None
    fabric: str | None = None  # between machines; "nvlink" is the one inside of a machine
    vcpus: int | None = None  # at least
    memory_gib: int | None = None  # at least, the machine's own
    machine_type: str | None = None
    clouds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()  # regions, countries ("germany", "de") and continents
    zones: tuple[str, ...] = ()
    capacities: tuple[str, ...] = ()  # of WAYS
    max_usd_hour: Decimal | None = None

    def __post_init__(self) -> None:
        for capacity in self.capacities:
            if capacity not in WAYS:
                message = (
                    f'offers are listed as {", ".join(WAYS)}, not as "{capacity}": what is bought beforehand has the '
                    f"price of its contract; leave it out here, and give usd_hour in the stack file."
                )
                raise AskError(message)
        for name, least in (
            ("count", self.count),
            ("most", self.most),
            ("accelerator memory", self.accelerator_memory_gib),
            ("vcpus", self.vcpus),
            ("memory", self.memory_gib),
            ("max_usd_hour", self.max_usd_hour),
        ):
            if least is not None and least <= 0:
                message = f"{name} is {least}; give a number above 0, or leave it out."
                raise AskError(message)

        form = self.form or (self.wanted.form if self.wanted else None)
        if self.fabric == NVLINK and form not in (None, *_NVLINK_FORMS):
            message = f'form "{form}" has no NVLink that a source tells of; leave one of the two out.'
            raise AskError(message)

    @property
    def chip(self) -> str | None:
        """The chip asked for."""
        return self.wanted.chip if self.wanted else None

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that do; empty: any."""
        form = self.form or (self.wanted.form if self.wanted else None)
        if form:
            return (form,)
        return _NVLINK_FORMS if self.fabric == NVLINK else ()

    @property
    def fabric_between(self) -> str | None:
        """The fabric between machines asked for."""
        if self.fabric and self.fabric != NVLINK:
            return self.fabric
        return self.wanted.fabric if self.wanted else None
