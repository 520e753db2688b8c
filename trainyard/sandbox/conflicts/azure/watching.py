"""Automatic scaling, alerts on metrics, and how long logs are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, conflict, known, low, types
from trainyard.sandbox.conflicts.conflict import Given

_SCALING: Final = types("monitor:AutoscaleSetting")
_ALERT: Final = types("monitor:MetricAlert")
_SPAN: Final = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_OFTEN: Final = ("PT1M", "PT5M", "PT15M", "PT30M", "PT1H")
_WINDOWS: Final = (*_OFTEN, "PT6H", "PT12H", "P1D")


def minutes(text: Any) -> float | None:
    """How long "PT5M" is; None for what is no such text."""
    found = _SPAN.match(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    days, hours, mins, secs = (int(part or 0) for part in found.groups())
    return days * 1440 + hours * 60 + mins + secs / 60


@conflict(
    "profiles-scale-between-two-numbers",
    _SCALING,
    "A setting has 1 to 20 profiles; each has whole numbers with the least not above the most and the usual between.",
    f"{REST}/monitor/autoscale-settings/create-or-update, AutoscaleProfile and ScaleCapacity",
)
def capacity(given: Given) -> Iterator[Problem]:
    profiles = given.at("profiles")
    if isinstance(profiles, list) and not 1 <= len(profiles) <= 20:
        yield Problem("profiles", f"BadRequest: {len(profiles)} profiles; a setting has 1 to 20")
    for at, profile in given.each("profiles"):
        texts = {name: known(profile, f"capacity.{name}") for name in ("minimum", "maximum", "default")}
        for name, text in texts.items():
            if isinstance(text, str) and not text.isdigit():
                yield Problem(f"{at}.capacity.{name}", f"BadRequest: '{text}' is no whole number")
        numbers = {name: int(text) for name, text in texts.items() if isinstance(text, str) and text.isdigit()}
        least, most, usual = (numbers.get(name) for name in ("minimum", "maximum", "default"))
        if least is not None and most is not None and least > most:
            yield Problem(
                f"{at}.capacity.minimum", f"BadRequest: the minimum capacity {least} is above the maximum {most}"
            )
        elif usual is not None and ((least is not None and usual < least) or (most is not None and usual > most)):
            yield Problem(
                f"{at}.capacity.default", f"BadRequest: the default capacity {usual} is not between {least} and {most}"
            )


@conflict(
    "rules-look-at-spans-of-time",
    _SCALING,
    "A profile has at most 10 rules; a rule looks at 5 minutes to 12 hours and waits for a minute to a week.",
    f"{REST}/monitor/autoscale-settings/create-or-update, MetricTrigger.timeWindow and ScaleAction.cooldown",
)
def spans(given: Given) -> Iterator[Problem]:
    for at, profile in given.each("profiles"):
        rules = known(profile, "rules")
        if not isinstance(rules, list):
            continue
        if len(rules) > 10:
            yield Problem(f"{at}.rules", f"BadRequest: {len(rules)} rules; a profile has at most 10")
        for number, rule in enumerate(rules):
            if isinstance(rule, Mapping):
                yield from _rule(rule, f"{at}.rules[{number}]")


def _rule(rule: Mapping[str, Any], at: str) -> Iterator[Problem]:
    for path, least, most in (
        ("metricTrigger.timeWindow", 5, 720),
        ("metricTrigger.timeGrain", 1, 720),
        ("scaleAction.cooldown", 1, 10080),
    ):
        text = known(rule, path)
        long = minutes(text)
        if isinstance(text, str) and (long is None or not least <= long <= most):
            yield Problem(
                f"{at}.{path}", f"BadRequest: '{text}' is no span of {least} to {most} minutes; give one such as PT10M"
            )


@conflict(
    "alerts-look-at-known-spans",
    _ALERT,
    "A metric alert has a scope, a severity of 0 to 4, one of some frequencies and a window that is not shorter.",
    f"{REST}/monitor/metric-alerts/create-or-update; {AZURERM}/monitor/monitor_metric_alert_resource.go",
)
def alerts(given: Given) -> Iterator[Problem]:
    if given.at("scopes") == []:
        yield Problem("scopes", "BadRequest: an alert has at least one scope")
    weight = given.at("severity")
    if isinstance(weight, int | float) and weight not in (0, 1, 2, 3, 4):
        yield Problem("severity", f"BadRequest: the severity {weight:g} is none of 0, 1, 2, 3, 4")
    often, window = given.at("evaluationFrequency"), given.at("windowSize")
    for path, text, allowed in (("evaluationFrequency", often, _OFTEN), ("windowSize", window, _WINDOWS)):
        if isinstance(text, str) and text.upper() not in allowed:
            yield Problem(path, f"BadRequest: '{text}' is none of {', '.join(allowed)}")
    short, long = minutes(often), minutes(window)
    if short is not None and long is not None and long < short:
        yield Problem("windowSize", f"BadRequest: the window {window} is shorter than the frequency {often}")


@conflict(
    "logs-are-kept-for-a-month-at-least",
    types("operationalinsights:Workspace"),
    "A paid workspace keeps its logs for 30 to 730 days.",
    f"{LEARN}/azure-monitor/logs/data-retention-configure; {AZURERM}/loganalytics/log_analytics_workspace_resource.go",
)
def kept(given: Given) -> Iterator[Problem]:
    days, sku = given.at("retentionInDays"), low(given.at("sku.name"))
    if isinstance(days, int | float) and sku in ("pergb2018", "capacityreservation") and not 30 <= days <= 730:
        yield Problem(
            "retentionInDays",
            f"InvalidParameter: 'RetentionInDays' property is invalid for the SKU: {days:g}; 30 to 730",
        )


CONFLICTS: Final = (capacity, spans, alerts, kept)
