"""What Amazon's own descriptions refuse, and that nothing of the SDK's own examples is refused."""

import pytest

from tests.sandbox.values.sdk_examples import examples_of
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import described


@pytest.mark.parametrize("token", sorted(described("aws")))
def test_nothing_in_the_examples_of_the_sdk_is_refused(token: str) -> None:
    refused = [
        (example.text, problem)
        for example in examples_of("aws", token)
        for problem in check_rules(ResourceType(installed()["aws"], example.token), example.inputs, {})
    ]
    assert not refused
