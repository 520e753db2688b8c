"""`trainyard offers`: what can be had on all clouds, cheapest first, with price, date and source.

Its options are read by argparse: Typer's need pydantic, which takes longer than the whole answer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from trainyard.choice.offers.answer import answer
from trainyard.choice.offers.ask import Ask, AskError
from trainyard.choice.offers.catalogue import load
from trainyard.choice.offers.currency import rate
from trainyard.choice.offers.names import asked
from trainyard.choice.offers.rows import CatalogueError

_MACHINES = Path("stacks/machines.csv")
_ROWS = 20
_WHAT = "All offers that fit, over all clouds, cheapest first; exit code 1 where nothing fits, with what would."


def main(arguments: Sequence[str]) -> int:
    """Answer one command line; the exit code: 0, 1 where nothing fits, 2 where it cannot be understood."""
    given = _parser().parse_args(arguments)
    try:
        if given.refresh or given.status:
            return _prices(given)
        return _found(given)
    except (AskError, CatalogueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _found(given: argparse.Namespace) -> int:
    catalogue = load(os.environ, _machines(given))
    open_count = given.most is not None or given.accelerator_memory_gib is not None
    demands: dict[str, Any] = {
        "clouds": tuple(given.cloud),
        "regions": tuple(given.region),
        "zones": tuple(given.zone),
        "capacities": tuple(given.capacity),
        "max_usd_hour": given.max_usd_hour,
        "accelerator_memory_gib": given.accelerator_memory_gib,
        "most": given.most,
        "form": given.form,
        "fabric": given.fabric,
        "vcpus": given.vcpus,
        "memory_gib": given.memory_gib,
    }
    billing = rate(given.rate) if given.rate else None
    asks = [asked(each, catalogue, any_count=open_count) for each in given.what] or [Ask()]
    answers = [
        answer(title, replace(ask, **demands), catalogue, rate=billing, kind=given.kind)
        for title, ask in zip(given.what or ("everything",), asks, strict=True)
    ]
    limit = given.limit or None
    if given.json:
        text = json.dumps([each.data(limit, explain=given.explain) for each in answers], indent=1)
    else:
        shown = _ROWS if given.limit is None else limit
        text = "\n".join(line for each in answers for line in each.lines(shown, explain=given.explain))
    sys.stdout.write(f"{text}\n")
    return 0 if any(each.rows for each in answers) else 1


def _prices(given: argparse.Namespace) -> int:
    """Newer prices, or what is known of the ones that are there."""
    from trainyard.choice.offers import status  # an answer needs none of this
    from trainyard.choice.offers.catalogue import data_folder
    from trainyard.choice.offers.newer.refresh import refresh
    from trainyard.facts.origin import now, sandbox_from

    today = now(sandbox_from(os.environ)).date()
    if given.refresh:
        cloud = given.cloud[0] if given.cloud else None
        lines = refresh(given.refresh, os.environ, cloud=cloud, as_of=given.as_of, today=today).lines()
    else:
        lines = status.lines(load(os.environ, _machines(given)), data_folder(os.environ), today)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _machines(given: argparse.Namespace) -> Path | None:
    return given.machines or (_MACHINES if _MACHINES.is_file() else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trainyard offers", description=_WHAT, allow_abbrev=False)
    add = parser.add_argument
    add("what", nargs="*", help='in order, as people write them: "H100:8", "A100 80", "v5e-8", "p5.48xlarge"')
    add("--cloud", action="append", default=[], help="only this cloud; can be given again, as the next three")
    add("--region", action="append", default=[], help="a region, country or continent")
    add("--zone", action="append", default=[], help="only this zone")
    add("--capacity", action="append", default=[], help="on-demand, spot or flex-start")
    add("--max-usd-hour", type=_usd, metavar="USD", help="the most that one machine may cost an hour")
    add("--accelerator-memory-gib", type=int, metavar="GIB", help="at least, of all chips of a machine together")
    add("--most", type=int, metavar="CHIPS", help="at most so many chips in one machine")
    add("--form", help="sxm, pcie, nvl, oam, superchip or tpu")
    add("--fabric", help="nvlink within a machine; efa, infiniband, roce, ici, ... between machines")
    add("--vcpus", type=int, help="at least")
    add("--memory-gib", type=int, metavar="GIB", help="the machine's own memory, at least")
    add("--kind", help="what a gpu-vm, tpu-node, training-job or notebook pays, a managed service's fee included")
    add("--limit", type=_rows, metavar="ROWS", help="rows to show, 0 for all; the default is 20, and all in JSON")
    add("--machines", type=Path, metavar="FILE", help=f"your own machines; the default is {_MACHINES}, if there")
    add("--rate", help="show a billing currency too, at your rate: EUR=0.86@2026-11-20")
    add("--json", action="store_true", help="the same as JSON")
    add("--explain", action="store_true", help="say what removed every other offer")
    add(
        "--refresh",
        metavar="SOURCE",
        help="take newer prices from gpuhunt's or SkyPilot's catalogue: URL, folder or file",
    )
    add(
        "--as-of",
        type=date.fromisoformat,
        metavar="DATE",
        help="the day of such prices; else the source's own is taken",
    )
    add("--status", action="store_true", help="say how old the prices are and how far they reach")
    return parser


def _rows(text: str) -> int:
    if not text.isdecimal():
        message = f'"{text}" is no number of rows; give 0 or more'
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _usd(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        message = f'"{text}" is no amount; give US dollars, for example 30'
        raise argparse.ArgumentTypeError(message)
    return amount
