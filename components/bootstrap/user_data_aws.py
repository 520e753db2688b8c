"""Fragments → what EC2 takes as user data: the same cloud-init document, compressed, for it takes 16 KiB only."""

import base64
import gzip
from functools import cache

from components.bootstrap.fragment import Fragment
from components.bootstrap.user_data import user_data

MAX_BYTES = 16 * 1024  # EC2 API, RunInstances, UserData: before base64


@cache
def user_data_base64(fragments: tuple[Fragment, ...]) -> str:
    """The document in base64, which cloud-init unpacks; ValueError where it is too large or writes one path twice."""
    packed = gzip.compress(user_data(fragments, encoded=False).encode(), mtime=0)
    if len(packed) > MAX_BYTES:
        message = (
            f"User data has {len(packed)} bytes compressed; EC2 takes at most {MAX_BYTES}. Bring large files with the "
            "image."
        )
        raise ValueError(message)
    return base64.b64encode(packed).decode()
