"""`trainyard advise`: what a training run needs, and where to have it at which time and cost."""

import json
import os
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trainyard.choice.advice.advise import Advice
    from trainyard.choice.advice.candidates import Way
    from trainyard.choice.advice.run import Run
    from trainyard.choice.offers.query import Rows
    from trainyard.cli.advised_stack import Home, Target

Many = list[str] | None
Params = Annotated[str | None, typer.Option(help='A size or a model: "70b", "llama-3-70b", "mistral-7b".')]
How = Annotated[str, typer.Option(help="full, lora or qlora.")]
Tokens = Annotated[str | None, typer.Option(help="All tokens that are trained on, every epoch counted: 200M.")]
Deadline = Annotated[str | None, typer.Option(help="When it has to be done, from its start: 48h.")]
Have = Annotated[Many, typer.Option(help="A cloud that you have already, which breaks ties; again for more.")]
Sequence = Annotated[int, typer.Option(help="Tokens of one sequence.")]
MicroBatch = Annotated[int, typer.Option("--micro-batch", help="Sequences on one accelerator at a time.")]
Checkpoints = Annotated[str, typer.Option("--checkpointing", help="none, selective or full.")]
Bits = Annotated[str, typer.Option("--precision", help="mixed (FP32 copy) or bf16 (none).")]
Optimizers = Annotated[str, typer.Option("--optimizer", help="adamw or adamw-8bit.")]
Zero = Annotated[int, typer.Option(help="0 to 3: what is split over the accelerators, as FSDP and ZeRO do.")]
Rank = Annotated[int, typer.Option(help="Of the adapters of LoRA and QLoRA.")]
MaxMachines = Annotated[int, typer.Option("--max-machines", min=1, max=4096, help="Machines in one cluster.")]
Clouds = Annotated[Many, typer.Option("--cloud", help="Only this cloud; again for more.")]
Regions = Annotated[Many, typer.Option("--region", help="A region, country or continent; again for more.")]
Capacities = Annotated[Many, typer.Option("--capacity", help="on-demand, spot or flex-start; again for more.")]
Ways = Annotated[Many, typer.Option(help="job, VM, TPU, specialised or own; again for more.")]
Limit = Annotated[int, typer.Option(min=1, help="Candidates to show, besides the best of each other way.")]
Buy = Annotated[str | None, typer.Option(help="Accelerators of a workstation to buy: RTX-PRO-6000:2.")]
PurchaseUsd = Annotated[str | None, typer.Option("--purchase-usd", help="What that workstation costs.")]
UsdKwh = Annotated[str | None, typer.Option("--usd-kwh", help="What a kWh of electricity costs.")]
Watts = Annotated[int | None, typer.Option(help="What the whole workstation draws under load.")]
Years = Annotated[int, typer.Option(help="Until the workstation is worth nothing.")]
Busy = Annotated[int, typer.Option(help="Percent of all hours that the workstation works.")]
Json = Annotated[bool, typer.Option("--json", help="The same as JSON.")]
Html = Annotated[Path | None, typer.Option(help="Write it as one page with charts to this file.")]
Write = Annotated[str | None, typer.Option(help="Write the best as stacks/Pulumi.<STACK>.yaml.")]
Environment = Annotated[
    str | None, typer.Option(help="Only what fits stacks/env.<ENVIRONMENT>.yaml; --write needs it.")
]
Owner = Annotated[str | None, typer.Option(help="Of the stack that is written.")]
CostCenter = Annotated[str | None, typer.Option("--cost-center", help="Of the stack that is written; else its owner.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a stack file that is there.")]

_STACKS = Path("stacks")
_MACHINES = _STACKS / "machines.csv"


def advise(  # noqa: PLR0913 a command's options are its arguments
    *,
    params: Params = None,
    method: How = "full",
    tokens: Tokens = None,
    deadline: Deadline = None,
    have: Have = None,
    sequence: Sequence = 2048,
    micro_batch: MicroBatch = 1,
    checkpointing: Checkpoints = "full",
    precision: Bits = "mixed",
    optimizer: Optimizers = "adamw",
    zero: Zero = 3,
    rank: Rank = 16,
    max_machines: MaxMachines = 8,
    cloud: Clouds = None,
    region: Regions = None,
    capacity: Capacities = None,
    way: Ways = None,
    limit: Limit = 10,
    buy: Buy = None,
    purchase_usd: PurchaseUsd = None,
    usd_kwh: UsdKwh = None,
    watts: Watts = None,
    years: Years = 3,
    busy: Busy = 50,
    as_json: Json = False,
    html: Html = None,
    write: Write = None,
    environment: Environment = None,
    owner: Owner = None,
    cost_center: CostCenter = None,
    force: Force = False,
) -> None:
    """What a training run needs, what would do, how long it takes and what it costs; exit code 1 where nothing does."""
    from trainyard.choice.advice.advise import advise as advice_of  # none of this is for other commands
    from trainyard.choice.advice.buying import Purchase
    from trainyard.choice.advice.models import ModelError
    from trainyard.choice.advice.run import AdviceError
    from trainyard.choice.offers.ask import AskError
    from trainyard.choice.offers.rows import CatalogueError
    from trainyard.cli.advised_stack import target
    from trainyard.facts.expiry import DurationError
    from trainyard.facts.origin import now, sandbox_from
    from trainyard.settings.problem import SettingsError

    try:
        run = _run(
            params,
            tokens,
            deadline,
            {
                "method": method,
                "sequence": sequence,
                "micro_batch": micro_batch,
                "checkpointing": checkpointing,
                "precision": precision,
                "optimizer": optimizer,
                "zero": zero,
                "rank": rank,
            },
        )
        at = _home(environment) if environment or write else None
        to = target(at, write, owner, cost_center, force=force) if write and at else None
        purchase = Purchase(
            today=now(sandbox_from(os.environ)).date(),
            accelerator=buy,
            usd=_usd("--purchase-usd", purchase_usd),
            usd_kwh=_usd("--usd-kwh", usd_kwh),
            watts=watts,
            years=years,
            busy_percent=busy,
        )
        rows = _rows(cloud, region, capacity, at)
        advice = advice_of(
            run,
            rows,
            purchase=purchase,
            have=_have(have, rows),
            ways=_ways(way),
            most_machines=max_machines,
            price_factors=at.price_factors if at else None,
        )
        told = _written(advice, limit, html, at, to)
    except (AdviceError, ModelError, AskError, CatalogueError, DurationError, SettingsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    _show(advice, limit, told, as_json=as_json)
    if not advice.in_time:
        raise typer.Exit(1)


def _run(params: str | None, tokens: str | None, deadline: str | None, given: dict[str, object]) -> "Run":
    from trainyard.choice.advice.models import named, sized
    from trainyard.choice.advice.run import AdviceError, Run, number
    from trainyard.choice.advice.words import amount
    from trainyard.facts.expiry import parse_duration

    if params is None:
        message = "--params is missing; give a size such as 70b, or a model such as llama-3-70b."
        raise AdviceError(message)
    if re.fullmatch(r"[0-9._e]+[kmbt]?", params.strip(), re.IGNORECASE):
        model = sized(number(params, "parameters", "70b"))
    else:
        model = named(params)
    if tokens is None:
        optimal = amount(20 * model.params)
        message = (
            "--tokens is missing; give all tokens that are trained on, every epoch counted, for example 200M (training "
            f"from nothing is at its best near 20 a parameter, arXiv:2203.15556: {optimal} here)."
        )
        raise AdviceError(message)
    return Run(
        model=model,
        tokens=number(tokens, "tokens", "200M"),
        deadline=parse_duration(deadline) if deadline else None,
        **given,  # type: ignore[arg-type]  # Run checks each of them
    )


def _home(environment: str | None) -> "Home":
    from trainyard.cli.advised_stack import home

    return home(_STACKS, environment)


def _ways(way: Many) -> "tuple[Way, ...]":
    from trainyard.choice.advice.candidates import RENTED
    from trainyard.choice.advice.run import AdviceError

    for each in way or ():
        if each not in RENTED:
            message = f'--way: "{each}" is none; give one of {", ".join(RENTED)}.'
            raise AdviceError(message)
    return tuple(known for known in RENTED if known in (way or ()))


def _rows(cloud: Many, region: Many, capacity: Many, at: "Home | None") -> "Rows":
    from trainyard.choice.offers.ask import Ask
    from trainyard.choice.offers.catalogue import load
    from trainyard.choice.offers.query import search

    catalogue = load(os.environ, _MACHINES if _MACHINES.is_file() else None)
    ask = Ask(
        clouds=tuple(cloud or (at.clouds if at else ())),
        regions=tuple(region or (at.regions if at else ())),
        capacities=tuple(capacity or ()),
    )
    return search(ask, catalogue).rows


def _have(have: Many, rows: "Rows") -> tuple[str, ...]:
    from trainyard.choice.advice.run import AdviceError

    clouds = rows.catalogue.clouds
    for cloud in have or ():
        if cloud not in clouds:
            message = f'--have: no cloud is named "{cloud}"; give one of {", ".join(clouds)}.'
            raise AdviceError(message)
    return tuple(have or ())


def _written(advice: "Advice", limit: int, html: Path | None, at: "Home | None", to: "Target | None") -> list[str]:
    """What was written, in words."""
    told = []
    if html is not None:
        from trainyard.choice.advice.page import page

        html.write_text(page(advice, limit), encoding="utf-8")
        told.append(f"{html} written")
    if at is not None and to is not None:
        from trainyard.choice.advice.advise import what
        from trainyard.cli.advised_stack import write

        each = write(advice, at, to)
        told.append(f"{to.path} written: {what(each)}; look at it, then: trainyard check {to.stack}")
    return told


def _show(advice: "Advice", limit: int, told: list[str], *, as_json: bool) -> None:
    if as_json:
        from trainyard.choice.advice.data import as_data

        typer.echo(json.dumps(as_data(advice), indent=1))
    else:
        from trainyard.choice.advice.table import lines

        for line in lines(advice, limit):
            typer.echo(line)
    for text in told:
        typer.echo(text, err=as_json)


def _usd(option: str, text: str | None) -> Decimal | None:
    from trainyard.choice.advice.run import AdviceError

    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not amount.is_finite():
        message = f'{option}: "{text}" is no amount; give US dollars, for example 0.25.'
        raise AdviceError(message)
    return amount
