"""Schedules, budgets and alarms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.conflicts.aws.reading import has, items, known, number, there, whole
from trainyard.sandbox.conflicts.aws.times import schedule_problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_SCHEDULE: Final = "aws:scheduler/schedule:Schedule"
_BUDGET: Final = "aws:budgets/budget:Budget"
_UNIVERSAL: Final = re.compile(r"^arn:aws[a-z-]*:scheduler:::aws-sdk:[a-z0-9-]+:[a-zA-Z0-9]+$")
_TARGET: Final = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+$")
_PERCENT: Final = frozenset({"RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"})
_PERIOD: Final = "%Y-%m-%d_%H:%M"
_MAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PREFIXED: Final = re.compile(r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+$")


def _expression(given: Given) -> Iterator[Problem]:
    text = given.text("scheduleExpression")
    reason = schedule_problem(text, at=given.type.token == _SCHEDULE) if text else None
    if reason:
        yield Problem("scheduleExpression", f"ValidationException: Invalid Schedule Expression {text}; {reason}")
    zone = given.text("scheduleExpressionTimezone")
    if zone and zone not in available_timezones():
        near = nearest(zone, sorted(available_timezones()))
        hint = f'; did you mean "{near}"?' if near else ""
        yield Problem(
            "scheduleExpressionTimezone",
            f"ValidationException: Invalid ScheduleExpressionTimezone {zone}; give an IANA time zone{hint}",
        )


def _window(given: Given) -> Iterator[Problem]:
    mode, minutes = given.text("flexibleTimeWindow.mode"), number(given, "flexibleTimeWindow.maximumWindowInMinutes")
    path = "flexibleTimeWindow.maximumWindowInMinutes"
    if mode == "OFF" and minutes:
        yield Problem(path, "ValidationException: Invalid FlexibleTimeWindow: mode OFF has no maximumWindowInMinutes")
    if mode == "FLEXIBLE" and not there(given, path):
        yield Problem(
            path, "ValidationException: Invalid FlexibleTimeWindow: mode FLEXIBLE needs maximumWindowInMinutes"
        )
    elif minutes and not 1 <= minutes <= 1440:
        yield Problem(path, f"ValidationException: {minutes} minutes; 1 to 1440 are taken")


def _target(given: Given) -> Iterator[Problem]:
    arn = given.text("target.arn")
    if arn and ":scheduler:::" in arn and not _UNIVERSAL.match(arn):
        yield Problem(
            "target.arn",
            f"ValidationException: Provided Arn is not in correct format: {arn}; a universal target is "
            "arn:aws:scheduler:::aws-sdk:SERVICE:apiAction",
        )
    elif arn and not _TARGET.match(arn):
        yield Problem("target.arn", f"ValidationException: Provided Arn is not in correct format: {arn}")
    start, end = given.text("startDate"), given.text("endDate")
    if start and end and start.endswith("Z") and end.endswith("Z") and start >= end:
        yield Problem("endDate", f"ValidationException: The EndDate {end} is not after the StartDate {start}")


def _event_rule(given: Given) -> Iterator[Problem]:
    if not there(given, "eventPattern") and not there(given, "scheduleExpression"):
        yield Problem(
            "scheduleExpression",
            "Missing required argument: one of `event_pattern,schedule_expression` must be specified",
        )


def _limit(given: Given) -> Iterator[Problem]:
    kind, unit = given.text("budgetType"), given.text("limitUnit")
    amount = given.at("limitAmount")
    if isinstance(amount, str) and amount and not re.fullmatch(r"\d+(\.\d+)?", amount.strip()):
        yield Problem("limitAmount", f"InvalidParameterException: {amount} is no amount; give a number such as 100.0")
    automatic, planned = there(given, "autoAdjustData"), there(given, "plannedLimits")
    if not automatic and not planned:
        for name in ("limitAmount", "limitUnit"):
            if not there(given, name):
                yield Problem(name, f'"{name}": one of a limit, planned limits and auto_adjust_data must be specified')
    if kind == "COST" and unit and unit not in ("USD", "CNY", "EUR"):
        yield Problem("limitUnit", f"InvalidParameterException: Unit {unit} is no currency; a COST budget is in USD")
    if kind in _PERCENT and unit and unit != "PERCENTAGE":
        yield Problem("limitUnit", f"InvalidParameterException: a {kind} budget is in PERCENTAGE, not {unit}")
    numeric = isinstance(amount, str) and re.fullmatch(r"\d+(\.\d+)?", amount.strip())
    if kind in _PERCENT and numeric and float(amount) != 100:
        yield Problem("limitAmount", f"InvalidParameterException: the limit of a {kind} budget is 100, not {amount}")


def _period(given: Given) -> Iterator[Problem]:
    moments = {}
    for name in ("timePeriodStart", "timePeriodEnd"):
        text = given.text(name)
        if text:
            try:
                moments[name] = datetime.strptime(text, _PERIOD)  # noqa: DTZ007  compared with one another only
            except ValueError:
                yield Problem(name, f'"{text}" cannot be parsed as YYYY-MM-DD_HH:MM; give one such as 2026-12-01_00:00')
    if len(moments) == 2 and moments["timePeriodStart"] >= moments["timePeriodEnd"]:
        yield Problem("timePeriodEnd", "InvalidParameterException: End time should be after the start time")
    name = given.text("name")
    if ":" in name or "\\" in name or "/action/" in name:
        yield Problem("name", f"InvalidParameterException: {name} has : or \\ in it, or /action/")


def _notifications(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    told = list(given.each("notifications"))
    if len(told) > 10:
        yield Problem(
            "notifications", f"CreationLimitExceededException: {len(told)} notifications; at most 10 are taken"
        )
    seen = set()
    for path, one in told:
        mails = known(one.get("subscriberEmailAddresses"))
        topics = known(one.get("subscriberSnsTopicArns"))
        mails_known = (mails is None and one.get("subscriberEmailAddresses") is None) or isinstance(mails, list)
        topics_known = (topics is None and one.get("subscriberSnsTopicArns") is None) or isinstance(topics, list)
        if mails_known and topics_known and not mails and not topics:
            yield Problem(
                f"{path}.subscriberEmailAddresses",
                "InvalidParameterException: a notification has at least one subscriber: an address or a topic",
            )
        if isinstance(mails, list) and len(mails) > 10:
            text = f"CreationLimitExceededException: {len(mails)} addresses; at most 10 are taken"
            yield Problem(f"{path}.subscriberEmailAddresses", text)
        if isinstance(topics, list) and len(topics) > 1:
            text = f"CreationLimitExceededException: {len(topics)} topics; at most 1 is taken"
            yield Problem(f"{path}.subscriberSnsTopicArns", text)
        for place, mail in enumerate(mails if isinstance(mails, list) else []):
            if isinstance(known(mail), str) and not _MAIL.match(known(mail)):
                text = f"InvalidParameterException: {known(mail)} is no e-mail address"
                yield Problem(f"{path}.subscriberEmailAddresses[{place}]", text)
        for place, topic in enumerate(topics if isinstance(topics, list) else []):
            if isinstance(known(topic), str) and not _PREFIXED.match(known(topic)):
                text = f"InvalidParameterException: {known(topic)} is no ARN of an SNS topic"
                yield Problem(f"{path}.subscriberSnsTopicArns[{place}]", text)
        words = tuple(
            known(one.get(name)) for name in ("comparisonOperator", "threshold", "thresholdType", "notificationType")
        )
        if None not in words and words in seen:
            yield Problem(path, "DuplicateRecordException: the same notification is there already")
        seen.add(words)
        if words[2] == "PERCENTAGE" and (whole(words[1]) or 0) > 1000:
            yield Problem(f"{path}.threshold", f"InvalidParameterException: {words[1]} % is above 1000 %")


def _alarm(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    period = number(given, "period")
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        yield Problem("period", f"ValidationError: Period {period} must be 10, 20, 30 or a multiple of 60")
    single = [name for name in ("metricName", "metricQueries", "evaluationCriteria") if there(given, name)]
    if has(given, "metricName") and has(given, "metricQueries"):
        yield Problem("metricQueries", '"metric_query": conflicts with metric_name; give one of them')
    if not single:
        yield Problem("metricName", "one of `metric_name` or `metric_query` must be set for a CloudWatch metric alarm")
    if there(given, "metricName") and not there(given, "metricQueries"):
        if not there(given, "statistic") and not there(given, "extendedStatistic"):
            yield Problem("statistic", "MissingParameter: either Statistic or ExtendedStatistic must be specified")
        for name in ("namespace", "period"):
            if not there(given, name):
                yield Problem(name, f"MissingParameter: The parameter {name} is required with metricName")
    if has(given, "statistic") and has(given, "extendedStatistic"):
        yield Problem("extendedStatistic", '"extended_statistic": conflicts with statistic; give one of them')
    points, periods = number(given, "datapointsToAlarm"), number(given, "evaluationPeriods")
    if points and periods and points > periods:
        text = f"ValidationError: {points} datapoints of {periods} periods; at most {periods} are there"
        yield Problem("datapointsToAlarm", text)
    if period and periods and period * periods > (604800 if period >= 3600 else 86400):
        text = f"ValidationError: EvaluationPeriods * Period is {period * periods}; alarms look back a day, or a week"
        yield Problem("evaluationPeriods", text)
    if period in (10, 20, 30) and given.text("namespace").startswith("AWS/"):
        yield Problem(
            "period", "ValidationError: periods below 60 seconds are for metrics of your own of high resolution"
        )
    if (
        not there(given, "threshold")
        and not there(given, "thresholdMetricId")
        and not there(given, "evaluationCriteria")
    ):
        yield Problem("threshold", "MissingParameter: either Threshold or ThresholdMetricId must be specified")
    if len(items(given, "alarmActions")) > 5:
        yield Problem("alarmActions", "ValidationError: at most 5 actions are taken")


CONFLICTS: Final = (
    Conflict(
        name="schedule-expression",
        types=frozenset({_SCHEDULE, "aws:cloudwatch/eventRule:EventRule"}),
        says="A schedule is a rate, six fields of cron with one ?, or one moment; its time zone is one of IANA's.",
        source="docs.aws.amazon.com/scheduler, Schedule types; error ValidationException: Invalid Schedule Expression",
        find=_expression,
    ),
    Conflict(
        name="flexible-window",
        types=frozenset({_SCHEDULE}),
        says="A window that is off has no length, a flexible one has 1 to 1440 minutes.",
        source="EventBridge Scheduler API, FlexibleTimeWindow: MaximumWindowInMinutes",
        find=_window,
    ),
    Conflict(
        name="schedule-target",
        types=frozenset({_SCHEDULE}),
        says="A target is an ARN, a universal one names the SDK's service and action; the end is after the start.",
        source="docs.aws.amazon.com/scheduler, Using universal targets",
        find=_target,
    ),
    Conflict(
        name="event-rule-matches-something",
        types=frozenset({"aws:cloudwatch/eventRule:EventRule"}),
        says="A rule has a pattern or a schedule.",
        source="hashicorp/terraform-provider-aws, aws_cloudwatch_event_rule: AtLeastOneOf",
        find=_event_rule,
    ),
    Conflict(
        name="budget-limit",
        types=frozenset({_BUDGET}),
        says="A budget has a limit in the unit of its type; what covers or uses has 100 per cent.",
        source="Budgets API Budget: BudgetType, BudgetLimit; Spend: Amount, pattern",
        find=_limit,
    ),
    Conflict(
        name="budget-period",
        types=frozenset({_BUDGET}),
        says="A period's times are written 2026-12-01_00:00, and the end is after the start.",
        source="hashicorp/terraform-provider-aws, aws_budgets_budget: time_period_start; Budgets API TimePeriod",
        find=_period,
    ),
    Conflict(
        name="budget-notifications",
        types=frozenset({_BUDGET}),
        says="At most ten notifications, each with one to ten addresses and at most one topic, none of them twice.",
        source="Budgets API NotificationWithSubscribers: Subscribers; docs: limits; error DuplicateRecordException",
        find=_notifications,
    ),
    Conflict(
        name="metric-alarm",
        types=frozenset({"aws:cloudwatch/metricAlarm:MetricAlarm"}),
        says="An alarm has one metric or queries, a statistic, a period that fits, and a threshold.",
        source="CloudWatch API PutMetricAlarm: Period, Statistic, DatapointsToAlarm, EvaluationPeriods",
        find=_alarm,
    ),
)
