"""Which Pulumi backend this run's state lies in; a program is never told, so it is read where the CLI reads it.

Two states of the same project and stack that share one store of records would each believe the lease theirs (L9), so
the record keeps the fingerprint of the backend that made it, and another one is refused. A state that was lost in the
same backend is adopted instead (L6): the fingerprint has no trace of the state itself. A folder counts together with
its machine's name, for /home/me/.pulumi is another state on every laptop. Two organisations of one Pulumi Cloud share
a fingerprint: the engine tells a provider neither.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

_SERVICE = "https://api.pulumi.com"


def fingerprint(environ: Mapping[str, str]) -> str:
    """The backend's URL without credentials and query; for a folder its absolute path and this machine's name."""
    home = Path(environ.get("PULUMI_HOME") or Path(environ.get("HOME") or "/") / ".pulumi")
    url = environ.get("PULUMI_BACKEND_URL") or _of_project(Path.cwd()) or _of_login(home) or _SERVICE
    parts = urlsplit(url)
    if parts.scheme == "file":
        return f"file://{socket.gethostname()}{_folder(url.removeprefix('file://'), environ)}"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _folder(text: str, environ: Mapping[str, str]) -> Path:
    path = text.partition("?")[0]
    home = environ.get("HOME") or "/"
    if path == "~" or path.startswith("~/"):
        path = home + path[1:]
    return Path(path).resolve()


def _of_login(home: Path) -> str:
    try:
        found = json.loads((home / "credentials.json").read_text(encoding="utf-8"))
        return str(found.get("current") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def _of_project(folder: Path) -> str:
    import yaml  # the CLI's own order: environment, project file, login; only few projects name one

    for place in (folder, *folder.parents):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            if (place / name).is_file():
                try:
                    project = yaml.safe_load((place / name).read_text(encoding="utf-8"))
                    return str(((project or {}).get("backend") or {}).get("url") or "")
                except (OSError, AttributeError, yaml.YAMLError):
                    return ""
    return ""
