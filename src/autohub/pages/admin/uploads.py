"""A table that comes with a form: the file, and what people say of where it is in there."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.tablefile import Choice, Encoding, HeaderRow, SheetName
from autohub.web.forms import Form
from autohub.web.page_requests import PageRequest


class Upload(NamedTuple):
    name: str
    path: Path
    choice: Choice

    def read(self) -> bytes:
        return self.path.read_bytes()


class _Said(msgspec.Struct):
    encoding: Encoding
    sheet: SheetName
    header_row: HeaderRow


def read_choice(form: Form) -> Choice:
    """Raises Invalid."""
    said = coerce(
        {
            "encoding": form.get("encoding"),
            "sheet": form.get("sheet"),
            "header_row": form.get("header_row") or 0,
        },
        _Said,
    )
    return Choice(said.encoding, said.sheet, said.header_row)


def read_upload(request: PageRequest[Any]) -> Upload:
    """The file of `table-file.html`. Raises Invalid when none was chosen."""
    sent = request.form.files.get("file")
    if sent is None:
        raise Invalid(
            request.reader("Nothing was read."),
            details={"file": [request.reader("is required: choose a CSV file or a workbook.")]},
        )
    return Upload(sent.name, sent.path, read_choice(request.form))
