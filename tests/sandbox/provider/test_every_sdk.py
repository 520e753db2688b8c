from importlib.metadata import version

import pytest

from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.diff import replace_facts
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.schema import Listing, Named, Object, ResourceType

PACKAGES = ("aws", "azure-native", "command", "coreweave", "gcp", "kubernetes", "random", "tls")
STEP = 97  # every 97th type of the large SDKs; all of them take two minutes


def test_every_installed_sdk_is_found_with_its_version() -> None:
    assert set(PACKAGES) <= set(installed())
    for name in PACKAGES:
        assert installed()[name].version == version(f"pulumi-{name}")


@pytest.mark.parametrize("name", PACKAGES)
def test_types_of_every_sdk_tell_their_inputs_and_outputs(name: str) -> None:
    package = installed()[name]
    tokens = sorted(package.types)
    assert tokens
    for token in tokens[:: STEP if len(tokens) > STEP else 1]:
        told = ResourceType(package, token)
        if told.remote:
            continue
        assert told.args is not None, token
        assert told.outputs or not told.inputs, token
        name_property(told)
        replace_facts(told)
        for field in told.inputs.values():
            kind = field.kind
            while isinstance(kind, Listing | Named):
                kind = kind.item
            if isinstance(kind, Object):
                assert kind.fields is not None


def test_remote_components_are_known_as_such() -> None:
    assert ResourceType(installed()["kubernetes"], "kubernetes:helm.sh/v4:Chart").remote
    assert not ResourceType(installed()["kubernetes"], "kubernetes:helm.sh/v3:Release").remote


def test_secret_outputs_are_those_that_the_sdk_names() -> None:
    password = ResourceType(installed()["random"], "random:index/randomPassword:RandomPassword")
    assert password.secret_outputs == {"result", "bcryptHash"}
