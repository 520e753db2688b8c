from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.facts.capacity import NAMES, Block, Capacity, FlexStart, OnDemand, Queued, Reserved, Spot, name
from trainyard.facts.expiry import (
    DurationError,
    Expiry,
    format_duration,
    format_time,
    parse_duration,
    parse_time,
    to_minute,
    ttl_limit,
)

START = datetime(2026, 11, 24, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span"),
    [("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), ("14d", timedelta(days=14))],
)
def test_a_duration_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span
    assert format_duration(span) == text


@pytest.mark.parametrize("text", ["", "12", "h", "12 h", "0h", "-1h", "1.5h", "12H", "1h30m", "012h", "१h", "12s"])
def test_text_that_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(DurationError, match=f'"{text}" is no duration.*"30m", "12h" or "14d"'):
        parse_duration(text)


def test_a_duration_of_decades_is_refused() -> None:
    with pytest.raises(DurationError, match="at most 3650d"):
        parse_duration("99999999d")


@given(minutes=st.integers(1, 3650 * 1440))
def test_durations_survive_being_written_and_read(minutes: int) -> None:
    assert parse_duration(format_duration(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


@given(seconds=st.floats(0, 4e9))
def test_times_survive_being_written_and_read_to_the_second(seconds: float) -> None:
    when = datetime.fromtimestamp(seconds, UTC)
    assert parse_time(format_time(when)) == when.replace(microsecond=0)


def test_a_time_with_another_offset_is_written_in_utc() -> None:
    assert format_time(START.astimezone(timezone(timedelta(hours=2)))) == "2026-11-24T14:00:00Z"


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-11-24", "2026-11-24T14:00:00", "2026-13-01T00:00:00Z"])
def test_text_that_is_no_moment_in_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" is no time.*RFC 3339'):
        parse_time(text)


def test_a_start_is_cut_to_the_minute() -> None:
    assert to_minute(START.replace(second=59, microsecond=9)) == START


def test_the_soft_end_moves_with_extensions_and_the_hard_end_never() -> None:
    plain = Expiry(start=START, ttl=timedelta(hours=12), extend_to=timedelta(hours=24))
    longer = Expiry(start=START, ttl=timedelta(hours=12), extend_to=timedelta(hours=24), extensions=timedelta(hours=6))
    assert plain.soft_end == START + timedelta(hours=12)
    assert longer.soft_end == START + timedelta(hours=18)
    assert plain.hard_end == longer.hard_end == START + timedelta(hours=24)


@given(ttl=st.integers(1, 5000), room=st.integers(0, 5000), more=st.integers(0, 10_000))
def test_the_soft_end_never_passes_the_hard_end(ttl: int, room: int, more: int) -> None:
    expiry = Expiry(
        start=START,
        ttl=timedelta(minutes=ttl),
        extend_to=timedelta(minutes=ttl + room),
        extensions=timedelta(minutes=more),
    )
    assert START < expiry.soft_end <= expiry.hard_end


@pytest.mark.parametrize(("ttl", "extend_to", "extensions"), [(0, 5, 0), (6, 5, 0), (-1, 5, 0), (1, 5, -1)])
def test_times_that_make_no_sense_are_refused(ttl: int, extend_to: int, extensions: int) -> None:
    with pytest.raises(ValueError, match="raise extend_to or lower ttl"):
        Expiry(
            start=START,
            ttl=timedelta(hours=ttl),
            extend_to=timedelta(hours=extend_to),
            extensions=timedelta(hours=extensions),
        )


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Expiry(start=START.replace(tzinfo=None), ttl=timedelta(hours=1), extend_to=timedelta(hours=1))


@pytest.mark.parametrize(
    ("capacity", "days"), [("on-demand", 120), ("spot", 120), ("reserved", 120), ("flex-start", 7)]
)
def test_a_gpu_vm_on_google_cloud_has_a_longest_run_per_capacity(capacity: str, days: int) -> None:
    limit = ttl_limit("gpu-vm", "gcp", capacity)
    assert limit is not None
    assert limit.longest == timedelta(days=days)
    assert "Compute Engine docs" in limit.source


def test_no_limit_is_made_up_where_none_is_known() -> None:
    assert ttl_limit("gpu-vm", "lambda", "on-demand") is None


def test_every_capacity_has_its_own_word() -> None:
    capacities: list[Capacity] = [
        OnDemand(),
        Spot(),
        FlexStart(),
        Reserved(id="r"),
        Queued(valid_until=START),
        Block(id="b"),
    ]
    assert tuple(name(capacity) for capacity in capacities) == NAMES
    assert len(set(NAMES)) == len(NAMES)
