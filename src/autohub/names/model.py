"""Marks: the places in stored JSON where today's names are put when it is read.

A mark is a key between two bytes 0x01, which JSON never holds raw. The document is stored with its marks; whoever reads it puts
today's names in their place (`names.service`), so that a rename or an erasure leaves no stale copy. The letter says what stands there:

  s status   the phase's and the status's fields      c category  the category's fields and its chain
  p person   {user_id, user_email, …} or null         n           the same without braces and id
  b          department and business unit             d, e        a person's name, address
  a          an application                           A           its name, inside a text
  r          a collaborator role                      t           a category's path as a text
"""

from collections.abc import Mapping

import msgspec

MARK = b"\x01"


def mark(kind: str, key: int) -> bytes:
    return b"\x01%b%d\x01" % (kind.encode(), key)


def raw(kind: str, key: int | None) -> msgspec.Raw | None:
    """A mark where a JSON value stands; None for nobody."""
    return None if key is None else msgspec.Raw(mark(kind, key))


def marks(stored: bytes) -> list[bytes]:
    """The marks in a document."""
    return stored.split(MARK)[1::2]


def spliced(stored: bytes, names: Mapping[bytes, bytes]) -> bytes:
    """The whole record, with names in the place of marks. Raises KeyError for a mark without one."""
    parts = stored.split(MARK)
    parts[1::2] = [names[key] for key in parts[1::2]]
    return b"{%b}" % b"".join(parts)
