"""Where a node on Azure reads its lease's soft end: a blob, as the lease's identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from components.bootstrap.fragment import LIB


@dataclass(frozen=True, kw_only=True)
class SoftEndBlob:
    """Blob `path` of a storage account's container."""

    account: str
    container: str
    path: str

    @property
    def url(self) -> str:
        """Azure's own address of the blob."""
        return f"https://{self.account}.blob.core.windows.net/{self.container}/{quote(self.path)}"

    @property
    def values(self) -> Mapping[str, str]:
        """What `node_end.sh` and `soft_end_azure.sh` read of it."""
        return {"soft-end-url": self.url, "soft-end-program": f"{LIB}/soft_end_azure.sh"}


def soft_end_blob(store_url: str, lease_id: str) -> SoftEndBlob | None:
    """`<lease id>/soft-end` in an az:// store; None for others, which a node on Azure may not read."""
    store = urlsplit(store_url)
    if store.scheme != "az":
        return None
    account = parse_qs(store.query).get("account", [""])[0]
    if not store.netloc or not account:
        message = f"The store {store_url!r} names no container or no account; write for example az://leases?account=acmemldev."
        raise ValueError(message)
    folder = store.path.strip("/")
    path = "/".join(part for part in (folder, lease_id, "soft-end") if part)
    return SoftEndBlob(account=account, container=store.netloc, path=path)
