"""What a preview says of a field that would change."""

from collections.abc import Mapping
from typing import Any

import msgspec


class FieldChange(msgspec.Struct):
    """A field's value in JSON, as it is and as it would be."""

    before: Any
    after: Any


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, FieldChange]:
    """The fields of `after` that differ, in their order."""
    return {
        name: FieldChange(before.get(name), value)
        for name, value in after.items()
        if value != before.get(name)
    }
