"""`trainyard offers`: what can be had on all clouds, cheapest first, with price, date and source."""

import json
import os
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

What = Annotated[
    list[str] | None,
    typer.Argument(help='Accelerators or machine types, in order: "H100:8", "A100 80", "v5e-8", "p5.48xlarge".'),
]
Clouds = Annotated[list[str] | None, typer.Option("--cloud", help="Only this cloud; can be given again.")]
Regions = Annotated[list[str] | None, typer.Option("--region", help="A region, country or continent; again for more.")]
Zones = Annotated[list[str] | None, typer.Option("--zone", help="Only this zone; can be given again.")]
Capacities = Annotated[
    list[str] | None, typer.Option("--capacity", help="on-demand, spot or flex-start; again for more.")
]
MaxUsd = Annotated[str | None, typer.Option("--max-usd-hour", help="The most that one machine may cost an hour.")]
AllMemory = Annotated[int | None, typer.Option("--accelerator-memory-gib", help="At least, of all chips together.")]
Most = Annotated[int | None, typer.Option(help="At most so many chips in one machine.")]
Form = Annotated[str | None, typer.Option(help="sxm, pcie, nvl, oam, superchip or tpu.")]
Fabric = Annotated[
    str | None, typer.Option(help="nvlink within a machine; efa, infiniband, roce, ici, … between them.")
]
Vcpus = Annotated[int | None, typer.Option(help="vCPUs, at least.")]
Memory = Annotated[int | None, typer.Option("--memory-gib", help="The machine's memory, at least.")]
Limit = Annotated[
    int | None, typer.Option(help="Rows to show; 0 shows all. The default is 20, and all in JSON.", min=0)
]
Machines = Annotated[Path | None, typer.Option(help="Your own machines; the default is stacks/machines.csv if there.")]
Billing = Annotated[str | None, typer.Option("--rate", help="A billing currency too: EUR=0.86@2026-11-20.")]
Json = Annotated[bool, typer.Option("--json", help="The same as JSON.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say what removed every other offer.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_MACHINES = Path("stacks/machines.csv")
_ROWS = 20


@app.command()
def offers(  # noqa: PLR0913 a command's options are its arguments
    what: What = None,
    *,
    cloud: Clouds = None,
    region: Regions = None,
    zone: Zones = None,
    capacity: Capacities = None,
    max_usd_hour: MaxUsd = None,
    accelerator_memory_gib: AllMemory = None,
    most: Most = None,
    form: Form = None,
    fabric: Fabric = None,
    vcpus: Vcpus = None,
    memory_gib: Memory = None,
    limit: Limit = None,
    machines: Machines = None,
    rate: Billing = None,
    as_json: Json = False,
    explain: Explain = False,
) -> None:
    """All offers that fit, over all clouds, cheapest first; exit code 1 where nothing fits, with what would."""
    from trainyard.choice.offers.answer import answer  # a catalogue's code is for this command only
    from trainyard.choice.offers.ask import Ask, AskError
    from trainyard.choice.offers.catalogue import load
    from trainyard.choice.offers.currency import rate as read_rate
    from trainyard.choice.offers.names import asked
    from trainyard.choice.offers.rows import CatalogueError

    try:
        catalogue = load(os.environ, machines or (_MACHINES if _MACHINES.is_file() else None))
        open_count = most is not None or accelerator_memory_gib is not None
        demands: dict[str, Any] = {
            "clouds": tuple(cloud or ()),
            "regions": tuple(region or ()),
            "zones": tuple(zone or ()),
            "capacities": tuple(capacity or ()),
            "max_usd_hour": _usd(max_usd_hour),
            "accelerator_memory_gib": accelerator_memory_gib,
            "most": most,
            "form": form,
            "fabric": fabric,
            "vcpus": vcpus,
            "memory_gib": memory_gib,
        }
        billing = read_rate(rate) if rate else None
        asks = [asked(each, catalogue, any_count=open_count) for each in what or ()] or [Ask()]
        answers = [
            answer(title, replace(ask, **demands), catalogue, billing)
            for title, ask in zip(what or ("everything",), asks, strict=True)
        ]
    except (AskError, CatalogueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps([each.data(limit or None, explain=explain) for each in answers], indent=1))
    else:
        for line in (line for each in answers for line in each.lines(_shown(limit), explain=explain)):
            typer.echo(line)
    if not any(each.found.rows for each in answers):
        raise typer.Exit(1)


def _shown(limit: int | None) -> int | None:
    return _ROWS if limit is None else limit or None


def _usd(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        message = f'"{text}" is no amount; give --max-usd-hour in US dollars, for example 30.'
        raise typer.BadParameter(message) from None
