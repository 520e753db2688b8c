"""Fragments → the cloud-init document that a machine gets as its `user-data`."""

import base64
from collections import Counter
from functools import cache

import yaml

from components.bootstrap.fragment import File, Fragment

# A metadata value on Google Cloud: 256 KiB (https://cloud.google.com/compute/docs/metadata/setting-custom-metadata).
MAX_BYTES = 256 * 1024

# Both are C where PyYAML was built with libyaml; the text is the same.
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@cache
def user_data(fragments: tuple[Fragment, ...], *, encoded: bool = True) -> str:
    """The `#cloud-config` document, units started in the fragments' order: give the node's own end first.

    `encoded`: files in base64, else as they are, which compresses better. ValueError when two fragments write one path
    or the document exceeds 256 KiB.
    """
    written = [file for fragment in fragments for file in fragment.files]
    twice = [path for path, count in Counter(file.path for file in written).items() if count > 1]
    if twice:
        message = f"Fragments {', '.join(f.name for f in fragments)} write {twice[0]} twice; give each fragment once."
        raise ValueError(message)
    started = [unit for fragment in fragments for unit in fragment.start]
    document = {
        "write_files": [_written(file, encoded=encoded) for file in written],
        "runcmd": [["systemctl", "daemon-reload"], *(_start(unit) for unit in started)],
    }
    text = "#cloud-config\n" + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=2**31 - 1)
    size = len(text.encode())
    if size > MAX_BYTES:
        message = f"User data has {size} bytes; a machine takes at most {MAX_BYTES}. Bring large files with the image."
        raise ValueError(message)
    return text


def _written(file: File, *, encoded: bool) -> dict[str, str]:
    common = {"path": file.path, "owner": "root:root", "permissions": file.mode}
    if not encoded:
        return {**common, "content": file.content}
    return {**common, "encoding": "b64", "content": base64.b64encode(file.content.encode()).decode()}


def _start(unit: str) -> list[str]:
    return ["systemctl", "enable", "--now", "--no-block", unit]
