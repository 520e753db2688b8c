"""The built catalogue in one file: columns as they lie in memory, so that reading it takes milliseconds."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import zlib
from array import array
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path

from trainyard.choice.offers.index import Catalogue, Columns, Shape
from trainyard.facts.accelerator import Accelerator
from trainyard.facts.offer import Source

_MAGIC = b"trainyard offers 1\n"
_TYPES = {field.name: "I" for field in fields(Columns)} | {"way": "B", "nano_usd": "q"}
_NUMBERS = f"{sys.byteorder} {array('I').itemsize} {array('q').itemsize}"  # a cache of another machine is built anew


class StaleError(ValueError):
    """A stored catalogue that cannot be read: broken, cut off or another version's."""


def dump(catalogue: Catalogue) -> bytes:
    """The catalogue as bytes."""
    chips = list({shape.accelerator: None for shape in catalogue.shapes})
    number = {chip: at for at, chip in enumerate(chips)}
    header = {
        "numbers": _NUMBERS,
        "chips": [asdict(chip) for chip in chips],
        "shapes": [
            [shape.cloud, shape.machine_type, number[shape.accelerator], shape.count, shape.vcpus, shape.memory_gib]
            for shape in catalogue.shapes
        ],
        "regions": catalogue.regions,
        "places": catalogue.places,
        "codes": catalogue.codes,
        "sources": {code: [str(each.date), each.licence, each.text] for code, each in catalogue.sources.items()},
        "known": catalogue.known,
        "lengths": {name: len(getattr(catalogue.columns, name)) for name in _TYPES},
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    body = b"".join(getattr(catalogue.columns, name).tobytes() for name in _TYPES)
    content = len(text).to_bytes(8, "little") + text + body
    return _MAGIC + zlib.crc32(content).to_bytes(4, "little") + content


def load(data: bytes) -> Catalogue:
    """The catalogue of such bytes; StaleError for any others."""
    view = memoryview(data)
    content = view[len(_MAGIC) + 4 :]
    if bytes(view[: len(_MAGIC)]) != _MAGIC or zlib.crc32(content) != int.from_bytes(view[len(_MAGIC) :][:4], "little"):
        message = "not a catalogue of this version, or broken"
        raise StaleError(message)
    at = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(bytes(content[8:at]))
    if header["numbers"] != _NUMBERS:
        message = "a catalogue of another kind of machine"
        raise StaleError(message)
    columns = {}
    for name, kind in _TYPES.items():
        column = array(kind)
        end = at + header["lengths"][name] * column.itemsize
        column.frombytes(content[at:end])
        columns[name], at = column, end
    chips = [Accelerator(**chip) for chip in header["chips"]]
    return Catalogue(
        shapes=[
            Shape(
                cloud=cloud,
                machine_type=machine_type,
                accelerator=chips[chip],
                count=count,
                vcpus=vcpus,
                memory_gib=memory_gib,
            )
            for cloud, machine_type, chip, count, vcpus, memory_gib in header["shapes"]
        ],
        regions=[(cloud, region) for cloud, region in header["regions"]],
        places=header["places"],
        codes=header["codes"],
        sources={
            code: Source(date=date.fromisoformat(day), licence=licence, text=text)
            for code, (day, licence, text) in header["sources"].items()
        },
        columns=Columns(**columns),
        known=header["known"],
    )


def write(path: Path, data: bytes) -> None:
    """Put the bytes there at once or not at all; OSError where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
