"""`trainyard up`: preview, then the engine, and the next candidate where the cloud has no room."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on after the preview without a question.")]


def up(stack: Stack = "sandbox", *, yes: Yes = False) -> None:
    """Bring a stack up; where a cloud has no room, end what was left and go on to the next candidate of its file."""
    from stacks.checking import (  # Pulumi takes half a second, and most commands need none of it
        CheckError,
        project_name,
    )
    from stacks.environment import FOLDER, TOLD, read_environment
    from trainyard.deploy.engine import Engine, EngineError
    from trainyard.deploy.failover import INTERRUPTED, StoppedError
    from trainyard.deploy.interrupt import interrupts

    if not yes and not sys.stdin.isatty():
        _fail("there is nobody to ask whether to go on; give --yes.", 2)
    warnings.simplefilter("ignore", FutureWarning)  # Google's client, of Python versions that end some day
    stopped = Event()
    try:
        environment = read_environment(project_name(), stack, Path(FOLDER))
        engine = Engine(stack, Path.cwd(), typer.echo)
        with interrupts(stopped, engine.interrupt, typer.echo):
            engine.state()  # no such stack, or no way to its state: said before anything else
            preview = engine.preview(aloud=True)
        if not preview.ok:
            _fail("the preview failed; nothing was done.", INTERRUPTED if stopped.is_set() else 1)
        if not yes:
            typer.confirm("Go on?", abort=True)
        with interrupts(stopped, engine.interrupt, typer.echo):
            _failover(environment, stack, engine, stopped).bring_up()
    except TOLD as error:
        _fail(str(error), 1)
    except (CheckError, EngineError) as error:
        _fail(str(error), 1)
    except StoppedError as error:
        _fail(str(error), error.code)
    typer.echo(f"stack {stack} is up ({environment.origin}).")


def _failover(environment: Any, stack: str, engine: Any, stopped: Event) -> Any:
    from trainyard.deploy.failover import Failover
    from trainyard.deploy.inventory import Inventory
    from trainyard.deploy.ledger import Ledger
    from trainyard.deploy.moving import Wanted
    from trainyard.facts.origin import now, wait
    from trainyard.lease import open_store
    from trainyard.settings.candidates import accepted

    def pause(seconds: float) -> bool:
        return wait(environment.sandbox, seconds, stopped)

    has_lease = environment.settings.lease is not None
    wanted = {
        each.workload: Wanted(workload=each.workload, nodes=each.nodes, candidates=each.candidates)
        for each in (accepted(environment.settings) if has_lease else ())
        if each.runs_on is None  # such a job runs on another workload's machines
    }
    return Failover(
        stack=stack,
        ledger=Ledger(store=open_store(environment.store), lease_id=environment.lease_id),
        wanted=wanted,
        engine=engine,
        looks=Inventory(lease_id=environment.lease_id, sandbox=environment.sandbox, pause=pause),
        say=typer.echo,
        now=lambda: now(environment.sandbox),
        pause=pause,
        stopped=stopped,
        policies=bool(os.environ.get("PULUMI_OPTION_POLICY_PACK")),
    )


def _fail(text: str, code: int) -> None:
    typer.echo(text, err=True)
    raise typer.Exit(code)
