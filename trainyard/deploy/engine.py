"""The real engine on one stack, through the Automation API: up with its events, refresh, import, the state."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pulumi.automation import LocalWorkspace, Stack
from pulumi.automation import PulumiCommand as Command
from pulumi.automation._cmd import CommandResult
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError, ConcurrentUpdateError, create_command_error

from trainyard.deploy.events import Done, Listener, Step

Say = Callable[[str], None]


class EngineError(Exception):
    """The engine could not do what was asked; the text is its own."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What the stack's state holds."""

    resources: tuple[Mapping[str, Any], ...]
    pending: tuple[Mapping[str, Any], ...]  # operations that a killed run had begun

    def has(self, urn: str) -> bool:
        """Whether a resource is in it."""
        return any(each.get("urn") == urn for each in self.resources)


class _Process(Command):
    """The CLI as a process that can be interrupted: the API's own keeps its process to itself.

    In a session of its own, so that a terminal's Ctrl-C reaches it once, by us, and not twice.
    """

    def __init__(self) -> None:
        super().__init__()
        self._running: subprocess.Popen[str] | None = None

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            cwd=cwd,
            env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        self._running = process
        try:
            errors: list[str] = []
            reader = threading.Thread(target=_read, args=(process.stderr, on_error, errors))
            reader.start()
            lines: list[str] = []
            _read(process.stdout, on_output, lines)
            reader.join()
            code = process.wait()
        finally:
            self._running = None
        result = CommandResult(stdout="\n".join(lines), stderr="\n".join(errors), code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """One SIGINT: the engine waits for the step that runs, writes its state and frees its lock."""
        process = self._running
        if process is not None:
            process.send_signal(signal.SIGINT)


class _Workspace(LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Nothing: the person's own selection stays."""


class Engine:
    """One stack of the project in a folder; EngineError where there is no CLI or no such stack."""

    def __init__(self, stack: str, folder: Path, say: Say) -> None:
        self._say = say
        try:
            self._command = _Process()
        except (OSError, subprocess.CalledProcessError) as error:
            message = (
                'the Pulumi CLI is not on PATH; run "make setup", then "trainyard sandbox exec -- …", or install it.'
            )
            raise EngineError(message) from error
        workspace = _Workspace(work_dir=str(folder), pulumi_command=self._command)
        self._stack = Stack(stack, workspace, StackInitMode.SELECT)

    def interrupt(self) -> None:
        """End what runs as Ctrl-C does."""
        self._command.interrupt()

    def preview(self, *, aloud: bool) -> Done:
        """What `up` would do; `aloud` prints the engine's own report."""
        listener, tell = Listener(say=_silent), self._say if aloud else _silent
        try:
            self._stack.preview(on_event=listener.hear, on_output=tell, color="never", suppress_progress=True)
        except CommandError as error:
            return listener.done(ok=False, stderr=_stderr(error))
        return listener.done(ok=True)

    def up(self) -> Done:
        """One update, without the engine's own preview: ours came before it."""
        listener = Listener(say=self._say)
        try:
            self._stack.up(on_event=listener.hear, color="never", suppress_progress=True, show_secrets=False)
        except ConcurrentUpdateError as error:
            message = (
                f"another run holds this stack; wait until it has ended, then run again. Where its process is dead, "
                f"`pulumi cancel` frees the lock.\n{_stderr(error)}"
            )
            raise EngineError(message) from error
        except CommandError as error:
            return listener.done(ok=False, stderr=_stderr(error))
        return listener.done(ok=True)

    def refresh(self, *, clear_pending: bool) -> None:
        """The state as the clouds have it; `clear_pending` forgets operations that the cloud's list has settled."""
        try:
            self._stack.refresh(color="never", clear_pending_creates=clear_pending, show_secrets=False)
        except CommandError as error:
            raise EngineError(_stderr(error)) from error

    def take_over(self, step: Step, id_: str) -> None:
        """Import what the cloud has made for a step into the state, unprotected."""
        resource: dict[str, Any] = {"type": step.type, "name": step.name, "id": id_}
        table: dict[str, str] = {}
        if step.parent:
            resource["parent"] = "above"
            table["above"] = step.parent
        try:
            self._stack.import_resources(
                resources=[resource],  # type: ignore[list-item]  # a TypedDict that lacks what the CLI knows
                name_table=table,
                protect=False,
                generate_code=False,
                show_secrets=False,
            )
        except CommandError as error:
            raise EngineError(_stderr(error)) from error

    def state(self) -> State:
        """What the state holds; EngineError where there is no such stack, or it is locked away."""
        try:
            deployment = self._stack.export_stack().deployment or {}
        except CommandError as error:
            raise EngineError(_stderr(error)) from error
        return State(
            resources=tuple(deployment.get("resources") or ()),
            pending=tuple(deployment.get("pending_operations") or ()),
        )


def _read(stream: IO[str] | None, tell: Callable[[str], Any] | None, lines: list[str]) -> None:
    for line in stream or ():
        lines.append(line.rstrip())
        if tell is not None:
            tell(line.rstrip())


def _stderr(error: CommandError) -> str:
    """The CLI's own words, out of the API's text of code, stdout and stderr."""
    return str(error).rpartition("\n stderr: ")[2].strip() or str(error)


def _silent(_: str) -> None:
    """Nothing is printed."""


__all__: Sequence[str] = ("Engine", "EngineError", "State")
