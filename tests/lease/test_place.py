"""Store URLs: what names a place, and what the errors say of the rest."""

import pytest

from trainyard.lease.errors import StoreUrlError
from trainyard.lease.place import parse


@pytest.mark.parametrize(
    ("url", "scheme", "bucket", "prefix"),
    [
        ("gs://acme-ml-dev-leases", "gs", "acme-ml-dev-leases", ""),
        ("gs://acme/deep/down/", "gs", "acme", "deep/down"),
        ("s3://acme?region=eu-west-1", "s3", "acme", ""),
        ("az://leases/x?account=acme", "az", "leases", "x"),
        ("file:///srv/le%20ases", "file", "", "/srv/le ases"),
    ],
)
def test_a_store_is_a_place_in_one_of_four_schemes(url: str, scheme: str, bucket: str, prefix: str) -> None:
    place = parse(url)
    assert (place.scheme, place.bucket, place.prefix) == (scheme, bucket, prefix)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://acme", "its scheme is none of file, gs, s3, az"),
        ("acme-ml-dev-leases", "its scheme is none of"),
        ("gs://", "it names no bucket"),
        ("file://host/x", "needs an absolute folder"),
        ("file://relative", "needs an absolute folder"),
        ("file:///", "needs an absolute folder"),
        ("file:///a/../b", r'its path holds "\.\."'),
        ("az://leases", r"add \?account=NAME"),
        ("s3://acme?regin=x", '"regin" is no key here'),
        ("gs://acme?endpoint=http://10.0.0.1:80", "is not on this machine"),
    ],
)
def test_any_other_url_is_refused_with_examples(url: str, reason: str) -> None:
    with pytest.raises(StoreUrlError, match=reason) as caught:
        parse(url)
    assert url in str(caught.value)
    assert "gs://acme-ml-dev-leases" in str(caught.value)
