"""Tests that need something of this machine: skipped where it is missing, listed at the end, refused in CI."""

import collections
import functools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from trainyard.sandbox import engine

# programs that packages bring, such as shellcheck, whether or not the environment is activated
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


CONTRACT = "contract"

# a loaded machine is no failure
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.user_properties += [(CONTRACT, cloud) for mark in item.iter_markers(CONTRACT) for cloud in mark.args]
        reason = next(_missing(item), None)
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    told = [(name, value) for report in passed for name, value in report.user_properties]
    for name, value in told:
        if name != CONTRACT:
            terminalreporter.write_line(f"{name}: {value}")
    if contracts := collections.Counter(cloud for name, cloud in told if name == CONTRACT):
        counted = ", ".join(f"{cloud} {count}" for cloud, count in sorted(contracts.items()))
        terminalreporter.write_line(f"contract tests passed: {counted}")
    skipped: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = (
            report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple | list) else "no reason"
        )
        skipped.setdefault(reason, []).append(report.nodeid)
    if not skipped:
        return
    terminalreporter.section("what did not run here, and how to get it")
    for reason, names in sorted(skipped.items()):
        terminalreporter.write_line(f"{len(names):4d}  {reason}")
        for name in names[:5]:
            terminalreporter.write_line(f"      {name}")
        if len(names) > 5:
            terminalreporter.write_line(f"      and {len(names) - 5} more")
    if os.environ.get("CI") == "true":
        terminalreporter.write_line("CI=true: this list must be empty, so the run counts as failed.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _missing(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("system"):
        for program in mark.args:
            if shutil.which(program) is None:
                yield f"{program} is not on PATH: install it with the system's package manager"
    if item.get_closest_marker("engine") and (problem := _engine_problem()):
        yield problem


@functools.cache
def _engine_problem() -> str | None:
    try:
        engine.locate()
    except engine.EngineMissingError as missing:
        return str(missing)
    return None
