"""How Azure names what lies in a resource group: the beginning of every full id, as a pattern."""

from __future__ import annotations

GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
IN_GROUP = rf"/subscriptions/{GUID}/resourceGroups/[^/\s]+/providers"
