"""Fragments → a startup script, for nodes whose images are not known to run cloud-init: those of the Cloud TPU API."""

import base64
import shlex
from collections import Counter
from functools import cache

from components.bootstrap.fragment import File, Fragment
from components.bootstrap.user_data import MAX_BYTES


@cache
def startup_script(fragments: tuple[Fragment, ...]) -> str:
    """A script that may run at every boot: the same files, the same units, the node's own end first.

    ValueError when two fragments write one path or the script exceeds 256 KiB.
    """
    written = [file for fragment in fragments for file in fragment.files]
    twice = [path for path, count in Counter(file.path for file in written).items() if count > 1]
    if twice:
        message = f"Fragments {', '.join(f.name for f in fragments)} write {twice[0]} twice; give each fragment once."
        raise ValueError(message)
    # Without -e: one file that cannot be written must not keep the node's end from being started.
    lines = ["#!/bin/bash", "set -u", *(_write(file) for file in written), "systemctl daemon-reload"]
    lines += [f"systemctl enable --now --no-block {unit}" for fragment in fragments for unit in fragment.start]
    text = "\n".join(lines) + "\n"
    size = len(text.encode())
    if size > MAX_BYTES:
        message = f"The startup script has {size} bytes; a node takes at most {MAX_BYTES}. Fetch large files."
        raise ValueError(message)
    return text


def _write(file: File) -> str:
    content = base64.b64encode(file.content.encode()).decode()
    path = shlex.quote(file.path)
    folder = shlex.quote(file.path.rpartition("/")[0])
    return f"mkdir -p {folder} && base64 --decode <<<'{content}' >{path} && chmod {file.mode} {path}"
