"""The text of a file: Unicode, or the encoding that a person says."""

import codecs
import io
import re
import unicodedata
from collections.abc import Set
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import N_, shorten

ENCODINGS = {
    "utf-8": N_("Unicode (UTF-8)"),
    "utf-16-le": N_("Unicode (UTF-16)"),
    "cp1252": N_("Western European (Windows)"),
    "cp1250": N_("Central European (Windows)"),
    "cp1251": N_("Cyrillic (Windows)"),
    "cp1253": N_("Greek (Windows)"),
    "cp1254": N_("Turkish (Windows)"),
    "cp1255": N_("Hebrew (Windows)"),
    "cp1256": N_("Arabic (Windows)"),
    "cp1257": N_("Baltic (Windows)"),
    "cp1258": N_("Vietnamese (Windows)"),
    "cp932": N_("Japanese (Shift JIS)"),
    "gb18030": N_("Chinese, simplified (GB 18030)"),
    "big5": N_("Chinese, traditional (Big5)"),
    "cp949": N_("Korean (Windows)"),
    "iso8859-2": N_("Central European (ISO 8859-2)"),
    "cp850": N_("Western European (DOS)"),
    "mac-roman": N_("Western European (Mac)"),
}
"""What spreadsheets and systems write, by the names that Python knows, likelier ones first."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE, _PART = 1 << 16, 1 << 20
_SHOWN, _WORDS = 6, 3
_FOREIGN = re.compile(r"[^\s,;|\"]*[^\x00-\x7f][^\s,;|\"]*")
_TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
"""Scripts that words mix, as the names of their letters begin."""


class FileBytes:
    """The bytes of a file, of which only what is asked for is in memory."""

    def __init__(self, path: Path) -> None:
        self._path, self._size = path, path.stat().st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._size)
        with self.open() as file:
            file.seek(start)
            return file.read(max(stop - start, 0))

    def open(self) -> BinaryIO:
        return self._path.open("rb")


Raw = bytes | FileBytes


class Text(NamedTuple):
    """A file whose encoding is known, and what a person must be told of it, if anything."""

    raw: Raw
    encoding: str
    note: str = ""

    def open(self) -> TextIO:
        """The text from its beginning, decoded as it is read: a large one is never whole in
        memory."""
        raw = self.raw
        file = raw.open() if isinstance(raw, FileBytes) else io.BytesIO(raw)
        return io.TextIOWrapper(file, encoding=self.encoding, errors="replace", newline="")

    def read(self) -> str:
        with self.open() as file:
            return file.read()


class _Reading(NamedTuple):
    encoding: str
    oddities: int
    words: list[str]

    def describe(self, alike: Set[str]) -> str:
        """Some of its words, last those that other readings hold as well."""
        words = dict.fromkeys(sorted(self.words, key=lambda word: (word in alike, len(word) < 3)))
        return say(
            "{encoding} reads {words}.",
            encoding=self.encoding,
            words=", ".join(f"“{shorten(word, 30)}”" for word in list(words)[:_WORDS]),
        )


def find_encoding(raw: Raw, encoding: str = "", *, asks: bool = True) -> Text:
    """How a file is to be read: by the mark that it begins with, else in the `encoding` of which
    somebody said that it has it, else as UTF-8. What is none of these is read in the way in which
    its words make most sense, and the note says so.

    Raises Invalid for an encoding that is not known or that the file does not have; and when two
    ways make equally good sense, unless `asks` is false: then the commoner one is taken.
    """
    marked = next((known for mark, known in _MARKS if raw[:4].startswith(mark)), "")
    wanted = marked or encoding or "utf-8"
    try:
        _check(raw, wanted)
        return Text(raw, wanted)
    except LookupError:
        fault = say("must be one of {choices}.", choices=", ".join(ENCODINGS))
        raise Invalid("The encoding is not known.", details={"encoding": [fault]}) from None
    except UnicodeError:
        if marked or encoding:
            message = say(
                "The file cannot be read as {encoding}; say another encoding, or save it again "
                "as UTF-8.",
                encoding=wanted.removesuffix("-sig").upper(),
            )
            raise Invalid(message) from None
    return _propose(raw, asks=asks)


def _check(raw: Raw, encoding: str) -> None:
    """Raises UnicodeError for bytes that the encoding does not know, LookupError for an encoding
    that nobody does."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(raw), _PART):
        decoder.decode(raw[start : start + _PART])
    decoder.decode(b"", final=True)


def _propose(raw: Raw, *, asks: bool) -> Text:
    readings = _list_readings(raw)
    if not readings:
        raise Invalid("The file is neither text nor a workbook.")
    best, *others = readings
    shown = readings[:_SHOWN]
    rivals = [reading for reading in readings if reading.oddities == best.oddities]
    alike = set.intersection(*(set(reading.words) for reading in rivals))
    told = [reading.describe(alike if len(rivals) > 1 else frozenset()) for reading in shown]
    if asks and others and others[0].oddities == best.oddities:
        raise Invalid(
            "The file is not UTF-8, and its letters can be read in several ways.",
            details={"encoding": told},
        )
    note = say(
        "The file is not UTF-8: {best} If that is wrong, say which encoding it has.", best=told[0]
    )
    return Text(raw, best.encoding, note)


def _list_readings(raw: Raw) -> list[_Reading]:
    """The ways in which the first lines that are not ASCII can be read, each once, and first those
    in which their words consist of letters of one script."""
    lines = raw[: _SAMPLE << 8].splitlines(keepends=True)
    sample = b"".join(line for line in lines if not line.isascii())
    found: list[_Reading] = []
    for name in ENCODINGS:
        is_wide = name.startswith("utf-16")
        if is_wide and b"\0" not in raw[:_SAMPLE]:
            continue
        try:
            part = (raw if is_wide else sample)[:_SAMPLE]
            text = codecs.getincrementaldecoder(name)().decode(part)
        except UnicodeError:
            continue
        words = _FOREIGN.findall(text)
        oddities = sum(map(_count_oddities, words))
        if oddities < 3 * len(words) and all(words != known.words for known in found):
            found.append(_Reading(name, oddities, words))
    return sorted(found, key=lambda reading: reading.oddities)


def _count_oddities(word: str) -> int:
    """The symbols and controls in a word, the capitals behind small letters, a letter that
    stands alone, and one more for letters of two scripts."""
    foreign = "".join(sign for sign in word if sign > "\x7f" or not sign.isprintable())
    signs = sum(unicodedata.category(sign)[0] not in "LMP" for sign in foreign)
    capitals = sum(
        before.islower() and sign.isupper() and not (before + sign).isascii()
        for before, sign in pairwise(word)
    )
    letters = [sign for sign in word if unicodedata.category(sign)[0] in "LM"]
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in letters}
    scripts.discard("COMBINING")
    alone = len(word) == 1 and word.isalpha() and unicodedata.name(word, "")[:5] == "LATIN"
    return signs + capitals + alone + (len(scripts - _TOGETHER) + bool(scripts & _TOGETHER) > 1)
