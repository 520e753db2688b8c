"""Charts of advice as inline SVG: with title and description, without scripts, fonts or colours that alone tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 720
_LABELS = 290  # on the left
_RIGHT = 20
_ROW = 26
_BAR = 14
_TOP = 8
_FOOT = 34


@dataclass(frozen=True, kw_only=True)
class Span:
    """One row: a bar from a least to a most."""

    label: str
    least: float
    most: float
    text: str  # the figures, as people read them


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One row: parts in a bar, and what there is room for."""

    label: str
    parts: tuple[float, ...]
    room: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """A straight line from the left edge of the chart to its right edge."""

    label: str
    first: float
    last: float
    kind: str  # the page's class for its colour
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a chart says to somebody who does not see it."""

    id: str
    title: str
    description: str


def spans(told: Told, rows: Sequence[Span], unit: str, limit: tuple[str, float] | None = None) -> str:
    """Bars from least to most; `limit` is an upright line, such as a deadline."""
    most = max([*(row.most for row in rows), *([limit[1] * 1.05] if limit else [])])
    bottom = _TOP + _ROW * len(rows)
    body = [*_grid(most, bottom, unit)]
    for at, row in enumerate(rows):
        y = _TOP + _ROW * at
        x, end = _x(row.least, most), _x(row.most, most)
        body.append(_label(row.label, y))
        body.append(_rect(x, y, max(end - x, 3), "bar"))
        inside = end + 6 + 7 * len(row.text) > _WIDTH
        anchor = (
            f'x="{x - 6:.1f}" text-anchor="end"' if inside and x - 7 * len(row.text) > _LABELS else f'x="{end + 6:.1f}"'
        )
        body.append(f'<text class="figure" {anchor} y="{y + _ROW / 2 + 4:.1f}">{escape(row.text)}</text>')
    if limit:
        x = _x(limit[1], most)
        body.append(f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        body.append(
            f'<text class="limit-text" x="{x - 4:.1f}" y="{bottom + 30}" text-anchor="end">{escape(limit[0])}</text>'
        )
    return _svg(told, bottom + _FOOT, body)


def stacks(told: Told, rows: Sequence[Stack], names: Sequence[str], unit: str) -> str:
    """Bars of parts, each before an outline of the room that there is."""
    most = max(max(row.room, sum(row.parts)) for row in rows)
    bottom = _TOP + _ROW * len(rows)
    body = [*_grid(most, bottom, unit)]
    for at, row in enumerate(rows):
        y = _TOP + _ROW * at
        body.append(_label(row.label, y))
        body.append(_rect(_x(0, most), y, _x(row.room, most) - _x(0, most), "room"))
        start = 0.0
        for number, part in enumerate(row.parts):
            x, end = _x(start, most), _x(start + part, most)
            start += part
            if end - x >= 0.5:
                body.append(_rect(x, y, end - x, f"part{number}"))
    x = float(_LABELS)
    for number, name in enumerate(names):
        body.append(_rect(x, bottom + 34, 12, f"part{number}", height=12))
        body.append(f'<text class="figure" x="{x + 16:.1f}" y="{bottom + 44}">{escape(name)}</text>')
        x += 24 + 7 * len(name)
    return _svg(told, bottom + _FOOT + 24, body)


def course(told: Told, lines: Sequence[Line], across: int, unit: str) -> str:
    """Straight lines over so many months from 0 on, each with its name at its end."""
    most = max(max(line.first, line.last) for line in lines) or 1.0
    height, left = 240, 80
    body = []
    for value in _ticks(most):
        y = _TOP + height * (1 - value / most)
        body.append(f'<line class="grid" x1="{left}" x2="{_WIDTH - 160}" y1="{y:.1f}" y2="{y:.1f}"/>')
        body.append(f'<text class="tick" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    for month in range(0, across + 1, max(1, across // 6)):
        x = left + (_WIDTH - 160 - left) * month / across
        body.append(f'<text class="tick" x="{x:.1f}" y="{_TOP + height + 18}" text-anchor="middle">{month}</text>')
    body.append(f'<text class="tick" x="{left}" y="{_TOP + height + 36}">{escape(unit)}</text>')
    taken: list[float] = []
    for line in lines:
        start, end = (_TOP + height * (1 - value / most) for value in (line.first, line.last))
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        body.append(
            f'<line class="{line.kind}"{dash} x1="{left}" x2="{_WIDTH - 160}" y1="{start:.1f}" y2="{end:.1f}"/>'
        )
        while any(abs(end - other) < 16 for other in taken):
            end += 16
        taken.append(end)
        body.append(f'<text class="figure" x="{_WIDTH - 152}" y="{end + 4:.1f}">{escape(line.label)}</text>')
    return _svg(told, int(max(_TOP + height + 44, *(each + 12 for each in taken))), body)


def _svg(told: Told, height: int, body: Sequence[str]) -> str:
    title, description = f"{told.id}-title", f"{told.id}-desc"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{title} {description}">'
        f'<title id="{title}">{escape(told.title)}</title><desc id="{description}">{escape(told.description)}</desc>'
        f"{''.join(body)}</svg>"
    )


def _grid(most: float, bottom: int, unit: str) -> Iterator[str]:
    for value in _ticks(most):
        x = _x(value, most)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{value:,.10g}</text>'
    yield f'<text class="tick" x="{_LABELS}" y="{bottom + 30}">{escape(unit)}</text>'


def _ticks(most: float) -> list[float]:
    """Four to eight round numbers from 0 on."""
    size = 10 ** math.floor(math.log10(most / 4))
    step = next(size * each for each in (1, 2, 5, 10) if most / (size * each) <= 6)
    return [step * number for number in range(int(most / step) + 1)]


def _x(value: float, most: float) -> float:
    return _LABELS + (_WIDTH - _RIGHT - _LABELS) * value / most


def _label(text: str, y: float) -> str:
    return f'<text class="label" x="{_LABELS - 8}" y="{y + _ROW / 2 + 4:.1f}" text-anchor="end">{escape(text)}</text>'


def _rect(x: float, y: float, width: float, kind: str, height: float = _BAR) -> str:
    top = y + (_ROW - height) / 2 if height == _BAR else y
    return f'<rect class="{kind}" x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height}"/>'
