"""The coverage report: what it counts, and how it is told."""

import json

from typer.testing import CliRunner

from trainyard.cli.sandbox import app
from trainyard.sandbox.values import coverage

INSTANCE = "gcp:compute/instance:Instance"


def test_a_type_is_found_by_its_token_and_by_its_short_name() -> None:
    assert coverage.find("gcp:compute:Instance") == ("gcp", INSTANCE)
    assert coverage.find(INSTANCE) == ("gcp", INSTANCE)
    assert coverage.find("gcp:compute:Nothing") is None


def test_a_property_tells_its_field_and_its_limit() -> None:
    found = {one.path: one for one in coverage.properties("gcp", INSTANCE)}
    model = found["scheduling.provisioningModel"]
    assert model.api == "compute.v1 Scheduling.provisioningModel"
    assert "SPOT" in model.limit
    assert found["bootDisk.initializeParams.size"].api == "compute.v1 AttachedDiskInitializeParams.diskSizeGb"
    assert found["allowStoppingForUpdate"].api == ""


def test_a_type_counts_what_its_properties_tell() -> None:
    found = coverage.properties("gcp", INSTANCE)
    row = coverage.row_of("gcp", INSTANCE)
    assert (row.properties, row.reached) == (len(found), sum(1 for one in found if one.api))
    assert 0 < row.limited < row.reached < row.properties


def test_the_sum_counts_the_types_too() -> None:
    row = coverage.row_of("gcp", INSTANCE)
    both = coverage.total("gcp", [row, row])
    assert both.type.startswith("gcp: 2 of ")
    assert (both.properties, both.reached, both.limited) == (2 * row.properties, 2 * row.reached, 2 * row.limited)


def test_the_command_lists_what_is_reached_before_what_is_not() -> None:
    result = CliRunner().invoke(app, ["coverage", "gcp:compute:Address", "--json"])
    assert result.exit_code == 0
    assert {"path", "api", "limit"} == set(json.loads(result.output)[0])
    lines = CliRunner().invoke(app, ["coverage", "gcp:compute:Instance"]).output.splitlines()
    reached = ["not reached" not in line for line in lines]
    assert reached == sorted(reached, reverse=True)


def test_an_unknown_type_or_cloud_is_refused_by_name() -> None:
    for arguments in (["coverage", "gcp:compute:Nothing"], ["coverage", "--cloud", "moon"]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2
        assert "error: no" in result.output
