"""Values that differ as text and are the same to a provider: its DiffSuppressFuncs, by their names in its source."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

_NAMED: Final = re.compile(r"(\w+)\((.*)\)")
_VERSIONED: Final = re.compile(r"/cryptoKeyVersions/[^/]+$")


def alike(how: str, old: Any, new: Any) -> bool:
    """Whether a provider takes two values, each may be None, for the same; False for a rule not told here."""
    called = _NAMED.fullmatch(how)
    if called and called.group(1) == "EmptyOrDefaultStringSuppress":
        return all(value in (None, "", called.group(2)) for value in (old, new))
    rule = _RULES.get(called.group(1) if called else how)
    return rule is not None and rule(old, new)


def _texts(rule: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda old, new: isinstance(old, str) and isinstance(new, str) and rule(old, new)


def _link(old: str, new: str) -> bool:
    """A self link, a path or a bare name of the same thing; two links of which one is shorter must end alike."""
    if "/" not in old or "/" not in new:
        return old.rpartition("/")[2] == new.rpartition("/")[2]
    return _path(old) == _path(new) or old.endswith(f"/{new}") or new.endswith(f"/{old}")


def _path(link: str) -> str:
    return link[link.index("projects/") :] if "projects/" in link else link


def _last(old: str, new: str) -> bool:
    return old.rpartition("/")[2] == new.rpartition("/")[2]


def _image(old: str, new: str) -> bool:
    """An image by link, by "project/family" or by name; a family's image, as the cloud tells it, fits the family."""
    old_name, new_name = old.rpartition("/")[2], new.rpartition("/")[2]
    project = re.search(r"projects/([^/]+)/", old)
    asked = re.fullmatch(r"(?:.*projects/)?([^/]+)(?:/global/images)?(?:/family)?/([^/]+)", new)
    if project and asked and asked.group(1) != project.group(1):
        return False
    return old_name == new_name or old_name.startswith(f"{new_name}-") or _family(new_name, old_name)


def _family(family: str, name: str) -> bool:
    """Ubuntu's and Google's images carry a version before the architecture, or none at all of the family's words."""
    words = re.split(r"[-_.]", family)
    held = re.split(r"[-_.]", name)
    return bool(words) and set(words) <= set(held)


def _json(old: str, new: str) -> bool:
    try:
        return _ordered(json.loads(old or "null")) == _ordered(json.loads(new or "null"))
    except ValueError:
        return False


def _policy(old: str, new: str) -> bool:
    """Policies of Amazon: one statement or a list of one, one action or a list of one, in any order."""
    try:
        return _plain_policy(json.loads(old)) == _plain_policy(json.loads(new))
    except ValueError:
        return False


def _plain_policy(value: Any) -> str:
    if isinstance(value, Mapping):
        return _ordered({key: json.loads(_plain_policy(item)) for key, item in value.items()})
    if isinstance(value, list):
        parts = sorted(_plain_policy(item) for item in value)
        return parts[0] if len(parts) == 1 else f"[{','.join(parts)}]"
    if isinstance(value, bool):
        return json.dumps(str(value).lower())
    return json.dumps(value)


def _ordered(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _range(old: str, new: str) -> bool:
    try:
        return ipaddress.ip_network(old, strict=False) == ipaddress.ip_network(new, strict=False)
    except ValueError:
        return False


def _range_or_size(old: str, new: str) -> bool:
    """ "/24" asks for any range of that size."""
    return new.startswith("/") and old.endswith(new)


def _time(old: str, new: str) -> bool:
    try:
        return datetime.fromisoformat(old) == datetime.fromisoformat(new)
    except ValueError:
        return False


def _seconds(old: str, new: str) -> bool:
    found = [re.fullmatch(r"(\d+)(?:\.(\d*?)0*)?s", text) for text in (old, new)]
    return all(found) and len({(one.group(1), one.group(2) or "") for one in found if one}) == 1


def _base64(old: str, new: str) -> bool:
    try:
        first, second = (
            base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True) for text in (old, new)
        )
    except (binascii.Error, ValueError):
        return False
    return first == second


def _empty(old: Any, new: Any) -> bool:
    """A block that is not there, and one in which nothing is set."""
    return _nothing(old) and _nothing(new)


def _nothing(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_nothing(item) for item in value.values())
    if isinstance(value, list):
        return all(_nothing(item) for item in value)
    return value in (None, "", False, 0)


def _removed(old: Any, new: Any) -> bool:
    """A block that the program leaves out stays as it is."""
    return new is None


def _unversioned(old: str, new: str) -> bool:
    return _path(_VERSIONED.sub("", old)) == _path(_VERSIONED.sub("", new))


def _port(old: Any, new: Any) -> bool:
    return {str(old or "0"), str(new or "0")} <= {"0", ""} or str(old).split("-") == [str(new)] * 2


_RULES: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    # hashicorp/terraform-provider-google, google/tpgresource/common_diff_suppress.go and self_link_helpers.go
    "CompareSelfLinkOrResourceName": _texts(_link),
    "compareSelfLinkOrResourceNameWithMultipleParts": _texts(_link),
    "CompareSelfLinkRelativePaths": _texts(lambda old, new: _path(old) == _path(new)),
    "CompareResourceNames": _texts(_last),
    "CompareCryptoKeyVersions": _texts(_unversioned),
    "CaseDiffSuppress": _texts(lambda old, new: old.lower() == new.lower()),
    "caseDiffSuppress": _texts(lambda old, new: old.lower() == new.lower()),
    "EmptyOrUnsetBlockDiffSuppress": _empty,
    "EmptyOrFalseSuppressBoolean": lambda old, new: not old and not new,
    "DurationDiffSuppress": _texts(_seconds),
    "CidrOrSizeDiffSuppress": _texts(_range_or_size),
    "IpCidrRangeDiffSuppress": _texts(_range_or_size),
    "ipv6RepresentationDiffSuppress": _texts(_range),
    "IpDiffSuppress": _texts(_range),
    "TimestampDiffSuppress": _texts(_time),
    "Base64DiffSuppress": _texts(_base64),
    "DiskImageDiffSuppress": _texts(_image),
    "portDiffSuppress": _port,
    "ProjectNumberDiffSuppress": _texts(
        lambda old, new: _last(old, new) and ("projects/" in old or "projects/" in new)
    ),
    "jsonPolicyDiffSuppress": _texts(_json),
    # google/services: on what a grant is made, told by its path and given by its name
    "StorageBucketDiffSuppress": _texts(_last),
    "CompareProjectName": _texts(_last),
    "SourceRepoRepositoryDiffSuppress": _texts(lambda old, new: old.partition("/repos/")[2] == new),
    "IapWebTypeAppEngineDiffSuppress": _texts(lambda old, new: old.endswith(f"appengine-{new}")),
    # hashicorp/terraform-provider-aws, internal/verify/diff.go and internal/service/ec2
    "SuppressMissingOptionalConfigurationBlock": _removed,
    "SuppressEquivalentPolicyDiffs": _texts(_policy),
    "SuppressEquivalentJSONDiffs": _texts(_json),
    "SuppressEquivalentJSONOrYAMLDiffs": _texts(_json),
    "SuppressEquivalentStringCaseInsensitive": _texts(lambda old, new: old.lower() == new.lower()),
    "suppressEqualCIDRBlockDiffs": _texts(_range),
    "suppressEquivalentIDOrARN": _texts(_last),
    "DiffSuppressKey": _texts(_last),
    "SuppressEquivalentRoundedTime": _texts(_time),
    # pulumi/pulumi-azure-native, provider/pkg/provider/diff.go: locations, and ids in any case
    "location": _texts(lambda old, new: old.replace(" ", "").lower() == new.replace(" ", "").lower()),
    "case": _texts(lambda old, new: old.lower() == new.lower()),
}
