"""The lease on the real engine: its whole life, and what each command of the CLI may and may not do to it."""

import pytest

from trainyard.lease import Absent
from tests.provider.conftest import Program

pytestmark = pytest.mark.engine
LEASE = "trainyard:index:Lease"


def test_up_writes_the_record_and_destroy_ends_it_with_a_certificate(program: Program) -> None:
    result = program.up()
    assert result.code == 0, result.text
    record = program.record()
    assert (record.ending, record.ended, record.scopes) == (None, None, ("gcp:trainyard-sandbox-copy-of-acme-ml-dev",))
    state = program.state()
    assert state["random:index/randomPet:RandomPet"]["parent"] == state[LEASE]["urn"]
    assert program.store.soft_end(program.id) == record.expiry.soft_end
    result = program.destroy()
    assert result.code == 0, result.text
    ended = program.record()
    assert ended.ended is not None
    assert ended.certificate is not None
    first, second = ended.certificate.looks
    assert (second.at - first.at).total_seconds() >= 60
