"""Where a run happens: on the simulated clouds of a sandbox, or on real ones; never on a mixture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SANDBOX_KEY = "TRAINYARD_SANDBOX"
_BACKEND_KEY = "PULUMI_BACKEND_URL"
_ATTACHED_KEY = "PULUMI_DEBUG_PROVIDERS"
_SCHEMA = 1
_PROJECT_PREFIX = "trainyard-sandbox-copy-of-"  # with any project's name over 30 characters, so no real one
_NOBODYS = "00000000-0000-0000-"  # ids that Azure gives out are version 4: the third group begins with a 4
_GUID_LENGTH = 36
_ACCOUNT = "000000000000"  # no account has it
_NEXT = 'start one with "trainyard sandbox start" and run inside "trainyard sandbox exec -- COMMAND".'


class Origin(StrEnum):
    """Which clouds a lease lives on; it stands in the record and the state and never changes."""

    SANDBOX = "sandbox"
    CLOUD = "cloud"


class RehearsalError(Exception):
    """The environment is neither a whole rehearsal nor none at all, or its sandbox does not answer."""


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox, as its file describes it."""

    folder: Path
    pid: int
    token: str
    providers: Mapping[str, int]  # package -> loopback port
    api: Mapping[str, str]  # cloud -> base URL


def origin_of(sandbox: Sandbox | None) -> Origin:
    """SANDBOX in a rehearsal, else CLOUD."""
    return Origin.CLOUD if sandbox is None else Origin.SANDBOX


def rehearsal(environ: Mapping[str, str]) -> Sandbox | None:
    """The sandbox of a whole rehearsal, None outside of one; RehearsalError for anything between."""
    sandbox = sandbox_from(environ)
    attached = _attached(environ.get(_ATTACHED_KEY, ""))
    if sandbox is None:
        if attached:
            message = (
                f"{_ATTACHED_KEY} attaches {', '.join(sorted(attached))}, but {SANDBOX_KEY} is not set: outside a "
                f"rehearsal no provider may be attached; unset {_ATTACHED_KEY}, or {_NEXT}"
            )
            raise RehearsalError(message)
        return None
    _check_backend(environ.get(_BACKEND_KEY, ""), sandbox.folder)
    missing = sorted(package for package, port in sandbox.providers.items() if attached.get(package) != port)
    if missing:
        message = (
            f"in a rehearsal every package runs on the sandbox, but {_ATTACHED_KEY} lacks {_first(missing)}: they "
            f'would reach the real clouds; run inside "trainyard sandbox exec -- COMMAND".'
        )
        raise RehearsalError(message)
    return sandbox


def sandbox_from(environ: Mapping[str, str]) -> Sandbox | None:
    """The sandbox that TRAINYARD_SANDBOX names, None when unset; RehearsalError when its file cannot be read."""
    name = environ.get(SANDBOX_KEY, "")
    if not name:
        return None
    try:
        return _sandbox(json.loads(Path(name).read_text(encoding="utf-8")))
    except OSError as error:
        message = f'{SANDBOX_KEY} names "{name}", which cannot be read ({error.strerror}): no sandbox is there; {_NEXT}'
        raise RehearsalError(message) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f'{SANDBOX_KEY} names "{name}", which is no sandbox file of schema {_SCHEMA} ({error}); {_NEXT}'
        raise RehearsalError(message) from error


def now(sandbox: Sandbox | None) -> datetime:
    """The present moment in UTC; in a rehearsal the simulated clock's, to the second."""
    if sandbox is None:
        return datetime.now(UTC)
    return _ask(sandbox, "GET", "/")[0]


def wait(sandbox: Sandbox | None, seconds: float, cancelled: Event) -> bool:
    """Wait, in a rehearsal on the simulated clock; True when `cancelled` was set meanwhile."""
    if cancelled.is_set():
        return True
    if sandbox is not None:
        body = _ask(sandbox, "POST", "/_sandbox/wait", {"seconds": seconds})[1]
        match body:
            case {"waits": "instant"}:
                return cancelled.is_set()
            case {"waits": "real"}:
                pass
            case _:
                raise _no_answer(sandbox, f"it answered {body!r} to a wait")
    return cancelled.wait(seconds)


def project_in(sandbox: Sandbox | None, project: str) -> str:
    """The Google Cloud project to use: in a rehearsal one that cannot exist."""
    if sandbox is None or project.startswith(_PROJECT_PREFIX):
        return project
    return f"{_PROJECT_PREFIX}{project}"


def subscription_in(sandbox: Sandbox | None, subscription: str) -> str:
    """The Azure subscription to use: in a rehearsal one that cannot exist, each its own."""
    if sandbox is None or len(subscription) != _GUID_LENGTH:
        return subscription
    return f"{_NOBODYS}{subscription[len(_NOBODYS) :].lower()}"


def account_in(sandbox: Sandbox | None, place: str) -> str:
    """The AWS account, with a region behind it or not, to use: in a rehearsal one that cannot exist."""
    _, slash, region = place.partition("/")
    return place if sandbox is None else f"{_ACCOUNT}{slash}{region}"


def store_in(sandbox: Sandbox | None, url: str) -> str:
    """The store of records to use: in a rehearsal a folder of the sandbox, or a server on loopback that `url` names."""
    if sandbox is None:
        return url
    parts = urlsplit(url)
    endpoint = parse_qs(parts.query).get("endpoint", [""])[0]
    if urlsplit(endpoint).hostname in {"127.0.0.1", "localhost", "::1"}:
        return url
    leases = sandbox.folder / "leases"
    if parts.scheme == "file" and Path(unquote(parts.path)).is_relative_to(leases):
        return url
    place = f"{parts.netloc}{unquote(parts.path)}".strip("/")
    if not parts.scheme or not place or ".." in place.split("/"):
        message = f'"{url}" is no store of records: give gs://, s3://, az:// or file:// and a place without "..".'
        raise ValueError(message)
    return (leases / f"{parts.scheme}-{place}").as_uri()


def _sandbox(data: dict[str, Any]) -> Sandbox:
    if data["schema"] != _SCHEMA:
        message = f"its schema is {data['schema']}"
        raise ValueError(message)
    return Sandbox(
        folder=Path(data["folder"]),
        pid=int(data["pid"]),
        token=str(data["token"]),
        providers={str(package): int(port) for package, port in data["providers"].items()},
        api={str(cloud): str(url) for cloud, url in data["api"].items()},
    )


def _attached(text: str) -> dict[str, int]:
    pairs = (item.rpartition(":") for item in text.split(",") if item.strip())
    return {package.strip(): int(port) if port.strip().isdecimal() else 0 for package, _, port in pairs}


def _check_backend(url: str, folder: Path) -> None:
    parts = urlsplit(url)
    place = Path(unquote(parts.path)).resolve()
    if parts.scheme == "file" and place.is_relative_to(folder.resolve()):
        return
    given = f'is "{url}"' if url else "is not set"
    message = (
        f"in a rehearsal the state lies in the sandbox's own folder, but {_BACKEND_KEY} {given}; allowed is a file:// "
        f'URL inside {folder}; run inside "trainyard sandbox exec -- COMMAND", or unset {SANDBOX_KEY} for real clouds.'
    )
    raise RehearsalError(message)


def _ask(sandbox: Sandbox, method: str, path: str, body: object = None) -> tuple[datetime, object]:
    from trainyard.facts.sandbox_call import NoAnswerError, call  # only a rehearsal pays for http.client

    try:
        return call(sandbox.api.get("gcp", ""), sandbox.token, method, path, body)
    except NoAnswerError as error:
        raise _no_answer(sandbox, str(error)) from error


def _no_answer(sandbox: Sandbox, reason: str) -> RehearsalError:
    return RehearsalError(
        f"the sandbox of {sandbox.folder} (pid {sandbox.pid}) does not answer as one: {reason}; start it again with "
        f'"trainyard sandbox start".'
    )


def _first(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
