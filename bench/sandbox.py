"""The sandbox by itself: its start, its memory, a long list, and four stacks going up at once."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from bench.measure import Figure, median_ratio, run
from bench.workplace import Workplace, sandbox
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.running import Running
from trainyard.sandbox.store import Store, Thing

THINGS = 10_000
TIMES = 7
PROJECT = "trainyard-sandbox-copy-of-bench"
_PROGRAM = Path(__file__).parent / "many"
_STACKS = 4
_VMS = 25
# What the start cannot be under: an interpreter with gRPC and Pulumi's protocol that opens one port and ends.
_BARE_START = (
    "import grpc, sqlite3, pulumi.runtime.proto.provider_pb2_grpc; from concurrent.futures import ThreadPoolExecutor; "
    "s = grpc.server(ThreadPoolExecutor()); s.add_insecure_port('127.0.0.1:0'); s.start(); s.stop(None)"
)


def figures(place: Workplace) -> Iterator[Figure]:
    """Four figures."""
    yield _start()
    with tempfile.TemporaryDirectory(prefix="trainyard-sandbox-") as root, sandbox(Path(root)) as (folder, there):
        _fill(folder)
        yield _list(there)
        yield _memory(there)
    yield _at_once(place)


def _start() -> Figure:
    ours, bare = [], []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory(prefix="trainyard-sandbox-") as root:
            begun = time.perf_counter()
            with sandbox(Path(root)):
                ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", _BARE_START], check=True)
        bare.append(time.perf_counter() - begun)
    return _seconds("start of the sandbox, beside a process that opens one port", ours, bare, most=1.5)


def _list(there: Running) -> Figure:
    """All pages through the API, beside as many bytes from the same server's smallest answer."""
    ours, bare = [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        found, pages = _all_pages(there)
        ours.append(time.perf_counter() - begun)
        if found != THINGS:
            message = f"{found} machines were listed, {THINGS} are there"
            raise RuntimeError(message)
        begun = time.perf_counter()
        for _ in range(pages):
            _ask(there, "/_sandbox/clock")
        bare.append(time.perf_counter() - begun)
    return _seconds(f"{THINGS} machines listed in pages, beside as many empty calls", ours, bare, most=1.0)


def _memory(there: Running) -> Figure:
    mib = _resident_mib(there.pid)
    with tempfile.TemporaryDirectory(prefix="trainyard-sandbox-") as root, sandbox(Path(root)) as (_, empty):
        bare = _resident_mib(empty.pid)
    return Figure(
        name=f"memory of the sandbox with {THINGS} resources after that list, beside an empty one",
        ours=f"{mib:.0f} MiB",
        reference=f"{bare:.0f} MiB",
        ratio=mib / bare,
        goal="≤ 200 MB",
        met=mib * 1.048576 <= 200,
    )


def _at_once(place: Workplace) -> Figure:
    """Four stacks of one program at once, beside one after the other; every machine must be there in the end."""
    stacks = [f"at-once-{number}" for number in range(_STACKS)]
    for stack in stacks:
        _pulumi(place, "stack", "select", "--create", stack)
    walls: dict[int, float] = {}
    lost = 0
    for workers in (1, _STACKS):
        begun = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda stack: _pulumi(place, "up", "--yes", "--skip-preview", "--stack", stack), stacks))
        walls[workers] = time.perf_counter() - begun
        lost += _STACKS * _VMS - sum(_in_state(place, stack) for stack in stacks)
        for stack in stacks:
            _pulumi(place, "destroy", "--yes", "--skip-preview", "--stack", stack)
    return Figure(
        name=f"{_STACKS} stacks of {_VMS} VMs up at once, beside one after the other; machines lost: {lost}",
        ours=f"{walls[_STACKS]:.1f} s",
        reference=f"{walls[1]:.1f} s",
        ratio=walls[_STACKS] / walls[1],
        goal="nothing lost",
        met=lost == 0,
    )


def _pulumi(place: Workplace, *arguments: str) -> str:
    return run(place.pulumi(_PROGRAM, *arguments)).output


def _in_state(place: Workplace, stack: str) -> int:
    state = json.loads(_pulumi(place, "stack", "export", "--stack", stack))
    kinds = [one["type"] for one in state["deployment"].get("resources", [])]
    return kinds.count("gcp:compute/instance:Instance")


def _seconds(name: str, ours: list[float], bare: list[float], *, most: float) -> Figure:
    middle = sorted(ours)[len(ours) // 2]
    return Figure(
        name=name,
        ours=f"{middle:.2f} s",
        reference=f"{sorted(bare)[len(bare) // 2]:.2f} s",
        ratio=median_ratio(ours, bare),
        goal=f"≤ {most:.1f} s",
        met=middle <= most,
    )


def _fill(folder: Folder) -> None:
    store = Store.open(folder.store)
    with store.transaction():
        for number in range(THINGS):
            store.add(_machine(number))
    store.close()


def _machine(number: int) -> Thing:
    zone = f"us-central1-{'abcf'[number % 4]}"
    name = f"machine-{number}"
    id = f"projects/{PROJECT}/zones/{zone}/instances/{name}"
    inputs = {
        "name": name,
        "zone": zone,
        "machineType": "g2-standard-4",
        "bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 50}},
        "networkInterfaces": [{"network": "default"}],
    }
    outputs: Mapping[str, object] = {**inputs, "currentStatus": "RUNNING", "selfLink": id}
    return Thing(
        type="gcp:compute/instance:Instance",
        id=id,
        package="gcp",
        project=PROJECT,
        place=zone,
        name=name,
        labels={"trainyard-lease": f"bench-{number % 10}"},
        inputs=inputs,
        outputs=outputs,
    )


def _all_pages(there: Running) -> tuple[int, int]:
    found, pages, token = 0, 0, ""
    while True:
        page = _ask(there, f"/compute/v1/projects/{PROJECT}/aggregated/instances?pageToken={quote(token)}")
        pages += 1
        found += sum(len(scope.get("instances", ())) for scope in page["items"].values())
        token = page.get("nextPageToken", "")
        if not token:
            return found, pages


def _ask(there: Running, path: str) -> Any:
    where = urlsplit(there.api["gcp"])
    connection = HTTPConnection(str(where.hostname), where.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {there.token}"})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        message = f"{path} was answered with {answer.status}: {content.decode()}"
        raise RuntimeError(message)
    return json.loads(content)


def _resident_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
