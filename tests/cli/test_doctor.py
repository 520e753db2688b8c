"""What the doctor finds in a state."""

from trainyard.cli.doctor import first_lost_parent


def test_a_child_whose_parent_is_not_in_the_state_is_found() -> None:
    resources = [{"urn": "stack"}, {"urn": "child", "parent": "lease"}]
    assert first_lost_parent(resources) == "lease"


def test_a_whole_state_has_no_lost_parent() -> None:
    resources = [{"urn": "stack"}, {"urn": "lease", "parent": "stack"}, {"urn": "child", "parent": "lease"}]
    assert first_lost_parent(resources) is None
