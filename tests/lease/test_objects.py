"""Records in object storage: S3 against moto's server; Cloud Storage and Blob storage against a server on loopback."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from trainyard.lease import (
    Absent,
    Conflict,
    Extension,
    Held,
    Record,
    StoreUnreachable,
    open_store,
    with_extension,
)

LONGEST_SECONDS = 20


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["s3", "gs", "az"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "s3":
        endpoint = request.getfixturevalue("s3")
        name = f"leases-{time.monotonic_ns()}"
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket=name)
        return f"s3://{name}/deep?endpoint={endpoint}"
    endpoint = request.getfixturevalue("bucket_server").url
    account = "&account=account" if request.param == "az" else ""
    return f"{request.param}://leases/deep?endpoint={endpoint}{account}"


def test_what_was_created_is_read_and_what_is_not_there_is_absent(url: str, record: Record) -> None:
    store = open_store(url)
    assert store.read(record.id) == Absent()
    assert store.list_ids() == ()
    version = store.create(record)
    assert store.read(record.id) == Held(record, version)
    assert store.list_ids() == (record.id,)


def test_a_second_create_and_an_older_version_are_conflicts(url: str, record: Record) -> None:
    store = open_store(url)
    version = store.create(record)
    extension = Extension(span=timedelta(minutes=1), granted=record.terms.start, by="ada")
    with pytest.raises(Conflict):
        store.create(with_extension(record, extension))
    store.update(record.id, lambda held: with_extension(held, extension))
    with pytest.raises(Conflict):
        store.replace(record, version)


def test_two_writers_at_once_lose_nothing_of_each_other(url: str, record: Record) -> None:
    open_store(url).create(record)

    def write(who: str) -> None:
        extension = Extension(span=timedelta(minutes=1), granted=record.terms.start, by=who)
        for _ in range(5):
            open_store(url).update(record.id, lambda held: with_extension(held, extension))

    writers = [threading.Thread(target=write, args=(who,)) for who in ("guard", "up")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    reading = open_store(url).read(record.id)
    assert isinstance(reading, Held)
    assert len(reading.record.extensions) == 10


def test_the_place_tells_when_it_wrote_and_takes_a_record_back(url: str, record: Record) -> None:
    store = open_store(url)
    version = store.create(record)
    written = store.written(record.id)
    assert written is not None
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
    assert store.take_back(record.id, version) is True
    assert store.read(record.id) == Absent()


def test_nodes_read_the_soft_end_from_an_object_of_their_own(url: str, record: Record) -> None:
    store = open_store(url)
    store.publish_soft_end(record.id, record.expiry.soft_end)
    assert store.soft_end(record.id) == record.expiry.soft_end


def test_a_missing_bucket_is_unreachable_and_never_absent(url: str, record: Record) -> None:
    store = open_store(url.replace(url.partition("//")[2].partition("/")[0], "missing", 1))
    for call in (lambda: store.read(record.id), lambda: store.create(record), store.list_ids):
        with pytest.raises(StoreUnreachable, match=r"See that the bucket exists.*log in \("):
            call()


@pytest.mark.parametrize("code", [401, 403])
@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_a_refusal_is_unreachable_and_never_absent(bucket_server: Any, record: Record, scheme: str, code: int) -> None:
    account = "&account=account" if scheme == "az" else ""
    store = open_store(f"{scheme}://leases?endpoint={bucket_server.url}{account}")
    bucket_server.refuse = code
    for call in (lambda: store.read(record.id), lambda: store.create(record), store.list_ids):
        with pytest.raises(StoreUnreachable, match="Nothing is known about the record"):
            call()


def test_a_server_that_is_not_there_is_told_within_the_limit(record: Record) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(StoreUnreachable):
        open_store(f"gs://leases?endpoint=http://127.0.0.1:{port}").read(record.id)
    assert time.monotonic() - began < LONGEST_SECONDS


def test_a_server_that_never_answers_is_told_within_the_limit(record: Record) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(StoreUnreachable):
            open_store(f"gs://leases?endpoint=http://127.0.0.1:{silent.getsockname()[1]}").read(record.id)
        assert time.monotonic() - began < LONGEST_SECONDS


@pytest.mark.parametrize("scheme", ["gs", "az"])
def test_a_create_whose_answer_was_lost_is_ours_when_it_is_tried_again(
    bucket_server: Any, record: Record, scheme: str
) -> None:
    account = "&account=account" if scheme == "az" else ""
    store = open_store(f"{scheme}://leases?endpoint={bucket_server.url}{account}")
    bucket_server.lose_answers = 1
    version = store.create(record)
    assert store.read(record.id) == Held(record, version)


def test_without_a_login_cloud_storage_is_unreachable(
    record: Record, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(StoreUnreachable, match="gcloud auth application-default login"):
        open_store("gs://acme-ml-dev-leases").read(record.id)


def test_earlier_leases_of_an_id_are_listed_and_what_is_no_record_among_them_is_not(url: str, record: Record) -> None:
    store = open_store(url)
    store.create(record)
    assert store.archived(record.id) == ()
    store.archive(record.id)
    assert store.archived(record.id) == (record,)
