"""Where newer prices come from: a file, a folder or an address, in either format, told by what is in it."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from trainyard.choice.offers.newer import gpuhunt, skypilot
from trainyard.choice.offers.newer.quote import File
from trainyard.choice.offers.rows import CatalogueError

_MOST_BYTES = 200_000_000
_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Source:
    """The files of one source, in one format, as of one day."""

    format: str
    files: list[File]
    day: date
    dated_by: str


def read_source(where: str, *, cloud: str | None, today: date) -> Source:
    """The source at a path or address; CatalogueError or OSError where it cannot be had or is in no known format.

    `cloud`: whose prices a single file of SkyPilot's holds, where its folder does not tell.
    """
    found = _from_web(where, today) if "://" in where else _from_disk(Path(where))
    files, formats = [], set()
    for name, text in found.texts.items():
        format_name = _format(text)
        whose = _cloud(name, format_name, cloud)
        if whose and format_name:
            formats.add(format_name)
            files.append(File(name=name, cloud=whose, text=text))
    if len(formats) != 1:
        message = (
            f"{where}: no price list of {' or '.join((gpuhunt.NAME, skypilot.NAME))} for a cloud that is known here; "
            f"give a folder with gcp.csv, … (gpuhunt) or gcp/vms.csv, … (SkyPilot), one such file or an address."
        )
        raise CatalogueError(message)
    return Source(format=formats.pop(), files=files, day=found.day, dated_by=found.dated_by)


@dataclass(frozen=True, kw_only=True)
class _Found:
    texts: dict[str, str]  # by the names that people would look up
    day: date
    dated_by: str


def _from_disk(path: Path) -> _Found:
    paths = [path]
    if path.is_dir():
        paths = sorted({*path.glob("*.csv"), *path.glob("*/vms.csv"), *path.glob("*/*/catalog.zip")})
    texts: dict[str, str] = {}
    newest = 0.0
    for each in paths:
        texts |= _unpacked(str(each), each.read_bytes())
        newest = max(newest, each.stat().st_mtime)
    return _Found(texts=texts, day=datetime.fromtimestamp(newest, UTC).date(), dated_by="the file's own time")


def _from_web(address: str, today: date) -> _Found:
    base = address.rstrip("/")
    if base.endswith((".csv", ".zip")):
        data, day = _get(base)
        return _Found(
            texts=_unpacked(base, data), day=day or today, dated_by="its server" if day else "the day it was read"
        )
    texts: dict[str, str] = {}
    version = ""
    for provider in gpuhunt.CLOUDS:
        if told := _get_or_none(f"{base}/{provider}/version"):
            version = told[0].decode("ascii", "replace").strip()
            name = f"{base}/{provider}/{version}/catalog.zip"
            texts |= _unpacked(name, _get(name)[0])
    if texts:
        day = _day_of_version(version)
        return _Found(texts=texts, day=day or today, dated_by="its version" if day else "the day it was read")
    days = []
    for cloud in skypilot.CLOUDS:
        name = f"{base}/{cloud}/vms.csv"
        if got := _get_or_none(name):
            texts |= _unpacked(name, got[0])
            days.append(got[1])
    known = [day for day in days if day]
    return _Found(texts=texts, day=min(known, default=today), dated_by="its server" if known else "the day it was read")


def _get(address: str) -> tuple[bytes, date | None]:
    """The bytes at an address and the day that its server gives them."""
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        message = f"{address}: prices are read over https only."
        raise CatalogueError(message)
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as response:  # noqa: S310 the scheme stands above
            data = response.read(_MOST_BYTES + 1)
            modified = response.headers.get("Last-Modified")
    except urllib.error.HTTPError:
        raise
    except OSError as error:
        message = f"{address}: it cannot be read ({error}); nothing was replaced. Try again, or give a file."
        raise CatalogueError(message) from None
    if len(data) > _MOST_BYTES:
        message = f"{address}: more than {_MOST_BYTES} bytes; nothing was replaced."
        raise CatalogueError(message)
    return data, parsedate_to_datetime(modified).date() if modified else None


def _get_or_none(address: str) -> tuple[bytes, date | None] | None:
    try:
        return _get(address)
    except urllib.error.HTTPError as error:
        if error.code in (403, 404):  # stores that do not list answer 403 for what they have not
            return None
        raise


def _unpacked(name: str, data: bytes) -> dict[str, str]:
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                inside = [each for each in archive.namelist() if each.endswith(".csv")]
                return {f"{name}/{each}": archive.read(each).decode() for each in inside}
        return {name: data.decode()}
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        message = f"{name}: it cannot be read ({error}); nothing was replaced."
        raise CatalogueError(message) from None


def _format(text: str) -> str | None:
    header = set(text.partition("\n")[0].strip().split(","))
    if set(gpuhunt.COLUMNS) <= header:
        return gpuhunt.NAME
    # A column that is missing from a price list is its fault, not another format.
    return skypilot.NAME if "InstanceType" in header else gpuhunt.NAME if "instance_name" in header else None


def _cloud(name: str, format_name: str | None, given: str | None) -> str | None:
    parts = name.replace("\\", "/").rsplit("/", 2)
    if format_name == gpuhunt.NAME:
        return gpuhunt.CLOUDS.get(parts[-1].removesuffix(".csv"), given)
    folder = parts[-2] if len(parts) > 1 else ""
    return folder if folder in skypilot.CLOUDS else given


def _day_of_version(version: str) -> date | None:
    try:
        return datetime.strptime(version[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
