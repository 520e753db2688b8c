"""The catalogue of this machine: the snapshot, newer prices of this user over it, and declared machines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from trainyard.choice.offers import store
from trainyard.choice.offers.declared import declared
from trainyard.choice.offers.index import Catalogue, build
from trainyard.choice.offers.rows import SNAPSHOT, CatalogueError, Row, offer_files, overlaid, read
from trainyard.choice.offers.tables import read_chips, read_sources

_KEPT = 4  # built catalogues that stay in the cache
_FACTS = Path(__file__).parents[2] / "facts"
_CODE = (
    Path(__file__).with_name("index.py"),
    _FACTS / "machine_types.py",
    _FACTS / "tpu.py",
)  # what sells as flex-start


def data_folder(environ: Mapping[str, str]) -> Path:
    """Where this user's newer prices lie: a link to one version of them."""
    return _folder(environ, "XDG_DATA_HOME", ".local/share") / "offers" / "current"


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where built catalogues lie; nothing is lost with it."""
    return _folder(environ, "XDG_CACHE_HOME", ".cache") / "offers"


def load(environ: Mapping[str, str], machines: Path | None = None) -> Catalogue:
    """Everything that can be had, by the files as they are now; CatalogueError for one that is broken.

    `machines`: a file of declared machines. A catalogue that was built before comes out of the cache.
    """
    folders = (SNAPSHOT, data_folder(environ))
    cached = cache_folder(environ) / f"{_digest(folders, machines)}.offers"
    with suppress(OSError, ValueError, LookupError):
        return store.load(cached.read_bytes())
    catalogue = built(folders, machines)
    with suppress(OSError):  # a home that cannot be written costs time only
        store.write(cached, store.dump(catalogue))
        _forget(cached.parent)
    return catalogue


def built(folders: tuple[Path, ...], machines: Path | None = None) -> Catalogue:
    """The catalogue of the folders' files, each folder over the one before; CatalogueError for one that is broken."""
    try:
        return _built(folders, machines)
    except CatalogueError:
        raise
    except (ArithmeticError, KeyError, ValueError) as error:
        message = f"the prices in {folders[-1]} are broken ({error!r}); refresh them, or delete that folder."
        raise CatalogueError(message) from error


def _built(folders: tuple[Path, ...], machines: Path | None) -> Catalogue:
    chips = {key: chip for folder in folders for key, chip in read_chips(folder).items()}
    sources = {code: source for folder in folders for code, source in read_sources(folder).items()}
    rows: list[Row] = []
    for folder in folders:
        rows = overlaid(rows, (row for path in offer_files(folder) for row in read(path)))
    if machines is not None:
        found = declared(machines, chips)
        rows += found.rows
        sources |= found.sources
    used = {code.partition("+")[0] for row in rows for code in (row.on_demand_source, row.spot_source)}
    if unknown := sorted(code for code in used - set(sources) if not code.startswith("!")):
        message = f"{folders[-1]}: offers name the source {unknown[0]}, which sources.csv lacks; delete that folder."
        raise CatalogueError(message)
    return build(rows, chips, sources)


def _digest(folders: tuple[Path, ...], machines: Path | None) -> str:
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in _CODE), usedforsecurity=False)
    for folder in folders:
        for path in (*offer_files(folder), folder / "sources.csv", folder / "accelerators.csv"):
            if path.is_file():
                digest.update(f"\n{path.name}\n".encode())
                digest.update(path.read_bytes())
    if machines is not None:
        digest.update(f"\nmachines\n{machines}\n".encode())
        digest.update(machines.read_bytes())
    return digest.hexdigest()


def _forget(folder: Path) -> None:
    old = sorted(folder.glob("*.offers"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in old[_KEPT:]:
        path.unlink(missing_ok=True)


def _folder(environ: Mapping[str, str], name: str, else_under_home: str) -> Path:
    given = environ.get(name, "")
    return (
        Path(given) if given.startswith("/") else Path(environ.get("HOME", "~")).expanduser() / else_under_home
    ) / "trainyard"
