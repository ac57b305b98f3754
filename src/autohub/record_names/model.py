"""Marks: the places in stored JSON where today's names are put when it is read.

A mark is a key between two bytes 0x01, which JSON never holds raw. The document is stored with its
marks; whoever reads it puts today's names in their place (`names.service`), so that a rename or an
erasure leaves no stale copy. The letter says what stands there:

  s status   the phase's and the status's fields      c category  the category's fields and its
  chain
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


def parts(stored: bytes) -> list[bytes]:
    """A document cut at its marks: every second part is a mark's key."""
    return stored.split(MARK)


def fill(cut: list[bytes], names: Mapping[bytes, bytes]) -> None:
    """Puts names in the place of the marks of a cut document. Raises KeyError for a mark without
    one, and then changes nothing."""
    cut[1::2] = [names[key] for key in cut[1::2]]
