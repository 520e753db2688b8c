"""Whatever a file holds, loading it gives settings or a SettingsError."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from trainyard.settings import SettingsError, load
from trainyard.settings.document import parse
from trainyard.settings.kinds import KINDS
from trainyard.settings.messages import check
from trainyard.settings.stack_file import StackSettings

_WORDS = [
    *StackSettings.model_fields,
    *(name for section in KINDS.values() for name in section.model_fields),
    *("schema", "environment", "layer", "owner", "ttl", "extend_to", "cap_usd", "cloud", "regions", "gcp", "network"),
    *(
        "compute",
        "base",
        "dev",
        "12h",
        "H100:8",
        "europe-west4",
        "spot",
        "gpu-vm",
        "notebook",
        "id",
        "max_wait",
        "secure",
    ),
]
_SCALARS = st.one_of(
    st.sampled_from(_WORDS), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none(), st.dates()
)
_KEYS = st.one_of(st.sampled_from(_WORDS), st.text(max_size=8), st.integers())
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=5)),
    max_leaves=25,
)


def _refusal(folder: Path, stack: str = "dev") -> str:
    try:
        load(folder, stack)
    except SettingsError as error:
        return str(error) or "an error that says nothing"
    return ""


def _refusal_of(files: dict[str, bytes]) -> str:
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return _refusal(folder)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    document = parse(text, "f.yaml")
    assert document.problems([]) or isinstance(document.value, dict)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_a_stack_file(content: bytes) -> None:
    assert _refusal_of({"Pulumi.dev.yaml": content}) not in ("", "an error that says nothing")


@given(_VALUES, _VALUES)
def test_any_values_are_refused_without_a_word_of_the_library_s(settings: Any, environment: Any) -> None:
    said = _refusal_of(
        {
            "Pulumi.dev.yaml": yaml.safe_dump({"config": {"trainyard:settings": settings}}).encode(),
            "env.dev.yaml": yaml.safe_dump(environment).encode(),
        }
    )
    assert said not in ("", "an error that says nothing")
    assert "pydantic" not in said


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(_WORDS), _VALUES, max_size=8))
def test_any_workload_is_read_or_refused_in_sentences(kind: str, workload: dict[str, Any]) -> None:
    _, wrong = check(KINDS[kind], workload, ("workloads", "x"))
    assert all(text.rstrip().endswith((".", "?")) for _, text in wrong)


@given(st.text(max_size=20))
def test_any_stack_name_is_refused_where_there_is_no_file(name: str) -> None:
    with tempfile.TemporaryDirectory() as path:
        assert "there is no such file" in _refusal(Path(path), name)
