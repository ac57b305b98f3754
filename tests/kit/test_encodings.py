"""Texts whose bytes do not say what they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit.encodings import ENCODINGS, FileBytes, find_encoding
from autohub.kit.errors import Invalid

NAMES = {
    "cp1250": "Łukasz;Żółć\nJiří;Dvořák",
    "cp1252": "Jörg;Müller\nJosé;Peña",
    "cp1251": "Иван;Петров",
    "cp1253": "Γιώργος;Παπαδόπουλος",
    "cp1254": "Ayşe;Yıldız",
    "cp932": "太郎;山田",
    "gb18030": "伟;王",
    "cp949": "김;민수",
    "mac-roman": "Jörg;Müller",
    "iso8859-2": "Šárka;Žofie",
    "utf-16-le": "Jörg;Müller",
}


@pytest.mark.parametrize("encoding", NAMES)
def test_what_is_not_utf_8_is_never_taken_without_a_word(encoding: str) -> None:
    raw = f"a;b\n{NAMES[encoding]}\n".encode(encoding)
    first = NAMES[encoding].partition(";")[0]
    try:
        found = find_encoding(raw)
        offered = [found.note]
        assert found.read() == raw.decode(encoding)
    except Invalid as refused:
        offered = refused.details["encoding"]
    assert any(f"“{first}”" in each for each in offered), offered
    read = find_encoding(raw, encoding)
    assert (read.read(), read.note) == (raw.decode(encoding), "")
    assert "not UTF-8" in find_encoding(raw, asks=False).note


def test_two_readings_that_make_equal_sense_are_asked_about_by_the_words_that_differ() -> None:
    raw = "name\nJörg\nPeña\n".encode("cp1252")
    with pytest.raises(Invalid) as refused:
        find_encoding(raw)
    assert refused.value.details["encoding"][:2] == [
        "cp1252 reads “Peña”, “Jörg”.",
        "cp1250 reads “Peńa”, “Jörg”.",
    ]


@given(st.text().filter(lambda text: not text.startswith("\ufeff")))
def test_unicode_is_read_without_a_word_and_a_mark_says_which(text: str) -> None:
    raw = text.encode("utf-8", "ignore")
    plain = raw.decode()
    assert find_encoding(raw, "utf-8").read() == plain
    assert find_encoding(b"\xef\xbb\xbf" + raw, "cp1252").read() == plain
    assert find_encoding(plain.encode("utf-16"), "cp1252").read() == plain


@given(st.binary(max_size=200), st.sampled_from(["", *ENCODINGS]))
def test_any_bytes_are_read_or_refused_with_a_reason(raw: bytes, encoding: str) -> None:
    try:
        assert isinstance(find_encoding(raw, encoding).read(), str)
    except Invalid as error:
        assert str(error)


def test_an_unknown_encoding_is_named_with_those_that_are_known() -> None:
    with pytest.raises(Invalid) as refused:
        find_encoding(b"x", "klingon")
    assert "cp1250" in str(refused.value.details["encoding"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_from_where_it_lies_as_its_bytes_are(tmp_path: Path, encoding: str) -> None:
    """More of it than is decoded at once, so that letters of two bytes lie across the parts."""
    path = tmp_path / "table.csv"
    path.write_bytes(("a;b\n" + "Jörg;Müller\n" * 150_000).encode(encoding))
    raw, file = path.read_bytes(), FileBytes(path)
    assert (len(file), file[:], file[5:9], file[-3:]) == (len(raw), raw, raw[5:9], raw[-3:])
    said = "cp1252" if encoding == "cp1252" else ""
    found = find_encoding(file, said)
    assert found.encoding == find_encoding(raw, said).encoding
    assert found.read().count("Jörg;Müller") == 150_000
