"""Advice as people and programs read it: a table of 100 columns, plain data, a page that needs nothing else."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from trainyard.choice.advice import charts
from trainyard.choice.advice.advise import Advice, advise
from trainyard.choice.advice.buying import Purchase
from trainyard.choice.advice.data import as_data
from trainyard.choice.advice.page import page
from trainyard.choice.advice.run import Run
from trainyard.choice.advice.table import lines
from trainyard.choice.offers.query import Offered

DAY = date(2026, 11, 24)
_ALONE = {"meta", "link", "br", "hr", "img", "input"}


@pytest.fixture
def told(run: Callable[..., Run], offers: Callable[..., Offered]) -> Advice:
    rows = [
        offers("aws", "p5.48xlarge", "h100-80-sxm-efa", 8, "40"),
        offers("gcp", "a3-highgpu-8g", "h100-80-sxm-gpudirect-tcpx", 8, "88"),
        offers("gcp", "v5litepod-8", "v5e-16-tpu-ici", 8, "10"),
        offers("coreweave", "gd-8xh100ib-i128", "h100-80-sxm-infiniband", 8, None),
    ]
    bought = Purchase(today=DAY, usd=Decimal(30000), usd_kwh=Decimal("0.2"), watts=1000)
    asked = run(method="qlora", tokens=10**8, deadline=timedelta(hours=6))
    return advise(asked, rows, purchase=bought, have=("gcp",))


class Page(HTMLParser):
    """Elements with their attributes; fails on one that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in _ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Page:
    found = Page()
    found.feed(text)
    assert found.open == []
    return found


def test_the_table_has_a_row_for_the_best_of_each_way_within_100_columns(told: Advice) -> None:
    text = list(lines(told, 1))
    assert max(map(len, text)) <= 100
    ways = [line for line in text if re.match(r" *\d+ ", line)]
    assert len(ways) == len({each.way for each in told.ranked})


def test_each_row_points_to_the_sources_of_its_price_utilisation_and_peak(told: Advice) -> None:
    text = "\n".join(lines(told, 10))
    pointed = set(re.findall(r"\[\d+\]", text.partition("\n[1]")[0]))
    listed = set(re.findall(r"^\[\d+\]", text, re.MULTILINE))
    assert pointed == listed
    assert "a price list" in text
    assert "Qwen README" in text


def test_an_unknown_price_is_called_unknown_and_never_0(told: Advice) -> None:
    row = next(each for each in as_data(told)["candidates"] if each["cloud"] == "coreweave")  # type: ignore[attr-defined]
    assert row["usd"] is None
    assert row["price_note"] == "its source lists none"
    assert re.search(r"unknown +(yes|no|at best) +specialised", "\n".join(lines(told, 10)))


def test_the_data_is_json_with_money_as_text(told: Advice) -> None:
    data = json.loads(json.dumps(as_data(told)))
    assert data["run"]["deadline_hours"] == 6
    first = data["candidates"][0]
    assert re.fullmatch(r"\d+\.\d\d", first["usd"]["least"])
    assert Decimal(first["usd"]["least"]) < Decimal(first["usd"]["most"])
    assert first["utilisation"]["low"] < first["utilisation"]["high"]
    assert data["buying"]["worth_usd_at_most"]


def test_the_page_is_whole_and_brings_nothing_from_elsewhere(told: Advice) -> None:
    text = page(told, 10)
    found = parsed(text)
    tags = {tag for tag, _attributes in found.seen}
    assert not tags & {"script", "link", "img", "iframe", "object", "style-src"}
    assert not re.search(r"url\(|@import|https?://|src=", text)


def test_each_chart_has_title_and_description_and_a_table_beside_it(told: Advice) -> None:
    text = page(told, 10)
    found = parsed(text)
    charts_ = [attributes for tag, attributes in found.seen if tag == "svg"]
    ids = {attributes["id"] for _tag, attributes in found.seen if "id" in attributes}
    assert len(charts_) == 4
    for attributes in charts_:
        assert attributes["role"] == "img"
        assert set((attributes["aria-labelledby"] or "").split()) <= ids
    pairs = re.findall(r'<div class="pair[^>]*>(.*?)</table>', text, re.DOTALL)
    assert all("<svg" in each and "<table" in each for each in pairs)
    assert len(pairs) == 4


def test_every_chart_is_well_formed_xml(told: Advice) -> None:
    for chart in re.findall(r"<svg.*?</svg>", page(told, 10), re.DOTALL):
        root = ElementTree.fromstring(chart)
        numbers = [float(each.attrib[key]) for each in root.iter("rect") for key in ("x", "width", "height")]
        assert all(number >= 0 for number in numbers)


def test_what_a_file_or_a_user_wrote_is_text_on_the_page_and_never_markup(
    run: Callable[..., Run], offers: Callable[..., Offered]
) -> None:
    row = offers("coreweave", "<script>alert(1)</script>", "h100-80-sxm-efa", 8, "40", zone="<b>")
    text = page(advise(run(), [row], purchase=Purchase(today=DAY)), 10)
    parsed(text)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_page_of_a_run_that_nothing_holds_says_so(run: Callable[..., Run], offers: Callable[..., Offered]) -> None:
    row = offers("aws", "g6.xlarge", "l4-24-pcie-none", 1, "1")
    text = page(advise(run("llama-3.1-405b"), [row], purchase=Purchase(today=DAY)), 10)
    parsed(text)
    assert "Nothing holds it" in text
    assert "<svg" not in text


@pytest.mark.parametrize("most", [0.02, 0.9, 7, 48, 365, 20_000_000])
def test_bars_keep_their_order_and_stay_within_the_chart(most: float) -> None:
    told = charts.Told(id="x", title="t", description="d")
    rows = [
        charts.Span(label=f"{number}", least=most * number / 10, most=most * (number + 1) / 10, text="1–2")
        for number in range(10)
    ]
    root = ElementTree.fromstring(charts.spans(told, rows, "hours", ("limit", most / 2)))
    bars = [(float(each.attrib["x"]), float(each.attrib["width"])) for each in root.iter("rect")]
    assert [x for x, _width in bars] == sorted(x for x, _width in bars)
    assert all(x + width <= 720 for x, width in bars)
    ticks = [each for each in root.iter("text") if each.attrib.get("class") == "tick"]
    assert 3 <= len(ticks) <= 10
