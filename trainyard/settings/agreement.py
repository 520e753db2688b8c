"""Whether the CLI passed what the file says: it reads the file first, and takes --config and --config-file besides."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.settings.problem import Path, Problem, SettingsError, dotted, shown
from trainyard.settings.settings import Settings

_WAYS_ON = "write it in the file, without --config or --config-file, so that what is reviewed is what is built"


def check_config(settings: Settings, passed: object) -> None:
    """SettingsError where the configuration that the program got is not what the file says."""
    problems = [
        Problem(file=settings.file, line=0, key=dotted(path), message=message)
        for path, message in _differences((), dict(settings.source), passed)
    ]
    if problems:
        raise SettingsError(problems)


def _differences(path: Path, file: object, passed: object) -> Iterator[tuple[Path, str]]:
    if isinstance(file, dict) and isinstance(passed, dict):
        for key in [*file, *(key for key in passed if key not in file)]:
            if key not in passed:
                yield (*path, key), f"the file has it, but the Pulumi CLI did not pass it; {_WAYS_ON}."
            elif key not in file:
                yield (*path, key), f"the Pulumi CLI passed it, but it is not in the file; {_WAYS_ON}."
            else:
                yield from _differences((*path, key), file[key], passed[key])
    elif isinstance(file, list) and isinstance(passed, list) and len(file) == len(passed):
        for index, (ours, theirs) in enumerate(zip(file, passed, strict=True)):
            yield from _differences((*path, index), ours, theirs)
    elif not _same(file, passed):
        yield path, f"the file says {shown(file)}, the Pulumi CLI passed {shown(passed)}; {_WAYS_ON}."


def _same(file: object, passed: object) -> bool:
    if isinstance(file, bool) or isinstance(passed, bool):
        return file is passed
    return file == passed
