"""Diff: without network; a lease is never replaced, and what was only seen is no difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainyard.provider.lease.inputs import REWRITE, SEEN
from trainyard.provider.resource import Difference
from trainyard.servicer import reveal


def diff(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
    """Old against new inputs; a record that is gone or damaged is a difference, for Update writes it again.

    A refresh compares a state with itself: a rewrite that is done is no difference, or every refresh would show one.
    """
    keys = sorted((set(olds) | set(news)) - {*SEEN, REWRITE})
    changed = tuple(key for key in keys if reveal(olds.get(key)) != reveal(news.get(key)))
    lost = news.get(REWRITE) not in (None, olds.get(REWRITE))
    return Difference(updates=(*changed, REWRITE) if lost else changed)
