"""Who may import whom: the rooms of the project, walked over the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROTOCOL = ("grpc", "google.protobuf", "google.rpc", "pulumi.runtime.proto")
# room: what it may import besides the standard library, itself and rooms in it; the longest name that fits decides
ROOMS = {
    "__main__": ("pulumi", "stacks"),
    "stacks": (
        "yaml",
        "pulumi",
        "trainyard.facts",
        "trainyard.settings",
        "trainyard.lease",
        "trainyard.resources",
        "components",
    ),
    "components": ("pulumi", "trainyard.facts", "trainyard.resources"),
    "components.gcp": (
        "pulumi",
        "pulumi_gcp",
        "trainyard.facts",
        "trainyard.resources",
        "components.bootstrap",
        "components.instant",
    ),
    "components.aws": (
        "pulumi",
        "pulumi_aws",
        "trainyard.facts",
        "trainyard.resources",
        "components.bootstrap",
        "components.instant",
    ),
    "components.azure": (
        "pulumi",
        "pulumi_azure_native",
        "trainyard.facts",
        "trainyard.resources",
        "components.bootstrap",
        "components.instant",
    ),
    "components.bootstrap": ("trainyard.facts", "components.instant", "yaml"),
    "policies": ("pulumi", "pulumi_policy", "trainyard.facts"),
    "trainyard": (),
    "trainyard.facts": (),
    "trainyard.settings": ("trainyard.facts", "pydantic", "pydantic_core", "yaml"),
    # Google's login beside obstore's: obstore cannot read every kind of Google credential
    "trainyard.lease": ("trainyard.facts", "obstore", "google.auth", "google_auth_httplib2", "httplib2"),
    "trainyard.clouds": ("trainyard.facts",),
    "trainyard.clouds.gcp": (
        "trainyard.facts",
        "trainyard.clouds.scope",
        "google.auth",
        "google.oauth2",
        "googleapiclient",
        "google_auth_httplib2",
        "httplib2",
    ),
    "trainyard.clouds.aws": ("trainyard.facts", "trainyard.clouds.scope", "boto3", "botocore"),
    "trainyard.clouds.azure": ("trainyard.facts", "trainyard.clouds.scope", "azure"),
    "trainyard.servicer": PROTOCOL,
    "trainyard.provider": (
        *PROTOCOL,
        "trainyard.servicer",
        "trainyard.facts",
        "trainyard.lease",
        "trainyard.clouds",
        "yaml",
    ),
    "trainyard.resources": ("pulumi",),
    "trainyard.choice": ("trainyard.facts", "trainyard.settings", "trainyard.lease", "trainyard.clouds", "yaml"),
    "trainyard.deploy": ("pulumi", "trainyard.choice", "trainyard.facts", "trainyard.lease", "trainyard.clouds"),
    "trainyard.guard": ("trainyard.facts", "trainyard.lease", "trainyard.clouds"),
    "trainyard.review": ("trainyard.facts", "trainyard.settings", "trainyard.guard"),
    "trainyard.sandbox": (
        *PROTOCOL,
        "cryptography",
        "pulumi",
        "yaml",
        "trainyard.servicer",
        "trainyard.facts.accelerator",
        "trainyard.facts.offer",
        "trainyard.facts.price",
    ),
    # by hand only: takes the vendors' descriptions out of their client libraries
    "trainyard.sandbox.values.extract": (
        "trainyard.sandbox",
        "pulumi",
        "googleapiclient",
        "botocore",
        "cfnlint",
        "moto",
        "azure",
    ),
    # Amazon's own models of its services, and its signatures
    "trainyard.sandbox.api.aws": (
        *PROTOCOL,
        "botocore",
        "trainyard.sandbox",
        "trainyard.servicer",
        "trainyard.facts.offer",
    ),
    # runs before there is any package, in Pythons that have none of ours
    "trainyard.sandbox.engine": (),
    "trainyard.sandbox.engine.host": (*PROTOCOL, "pulumi"),
    "trainyard.cli": ("components", "stacks", "trainyard", "pulumi", "rich", "typer", "yaml"),
    "bench": ("components", "stacks", "trainyard", "gpuhunt", "pulumi", "pulumi_gcp", *PROTOCOL, "rich", "yaml"),
    # a plugin: its own folder is first on its path
    "bench.idle_plugin": (*PROTOCOL, "idle"),
}
SOURCES = sorted(
    path
    for top in ("__main__.py", "stacks", "components", "policies", "trainyard", "bench")
    for path in ([ROOT / top] if top.endswith(".py") else (ROOT / top).rglob("*.py"))
    if path.is_file()
)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def room_of(module: str) -> str:
    return max((room for room in ROOMS if inside(module, room)), key=len)


def inside(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            # `from trainyard import facts` and `from trainyard.facts import price` may both name a module
            named = [f"{node.module}.{name.name}" for name in node.names]
            found = [name for name in named if is_module(name)]
            yield from ((node.lineno, name) for name in found or [str(node.module)])


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    room = room_of(module_of(path))
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {room} may not import {name}; allowed: {', '.join(ROOMS[room]) or 'nothing'}"
        for line, name in imports(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not inside(room_of_or_name(name), room)
        and not any(inside(name, allowed) for allowed in ROOMS[room])
    ]
    assert not wrong, "\n".join(wrong)


def room_of_or_name(name: str) -> str:
    return room_of(name) if any(inside(name, room) for room in ROOMS) else name


def test_nobody_but_the_cli_imports_the_cli() -> None:
    assert [room for room, allowed in ROOMS.items() if "trainyard.cli" in allowed] == []


def test_every_file_under_tests_is_one_that_pytest_collects_or_data_of_a_fixture() -> None:
    stray = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and "fixtures" not in path.parts
        and not (path.suffix == ".py" and (path.name.startswith("test_") or path.name == "conftest.py"))
    ]
    assert not stray, f"pytest never collects {stray}; name them test_*.py, or put them under a folder `fixtures`"


def test_every_system_program_that_a_test_needs_is_installed_by_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    needed = {
        argument.value
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "system"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert [name for name in sorted(needed) if name not in script] == []
