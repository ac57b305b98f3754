"""Documents as the wire carries them (contract 4.6)."""

import re
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Id
from autohub.kit.text import CONTROL, base_name

TYPES = (
    # contract 4.6: id, key, name, accepted extensions (empty: any), whether a link will do
    (1, "PDD", "Process Definition Document", "", 1),
    (2, "SDD", "Solution Design Document", "", 1),
    (3, "DSD", "Development Specification Document", "", 1),
    (4, "SOP", "Standard Operating Procedure", "", 1),
    (5, "DWI", "Detailed Work Instructions", "", 1),
    (6, "PM", "Process Map", "", 1),
    (7, "INF", "Input Files", "", 1),
    (8, "OUF", "Output Files", "", 1),
    (9, "MISC", "Miscellaneous", "", 1),
    (10, "TCD", "Task Capture Document", "zip,ssp", 0),
    (11, "ASC", "Automation Source Code", "", 1),
)
FIRST_CUSTOM_TYPE = 101
FILE_KEYS = ("file_name", "mimetype", "file_content", "file_encoding")
_MIMETYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}(?:;\s*charset=[A-Za-z0-9_-]{1,40})?"
)
Link = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2000,
        pattern=r"^https?://[^\s]+$",
        extra={"says": "must be an http or https address."},
    ),
]


class NewDocument(msgspec.Struct):
    """The body of POST …/documents; `file` is checked apart, its content is spooled."""

    document_title: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=255,
            pattern=r"^[^\n\r\t]*$",
            extra={"says": "must be one line of text."},
        ),
    ]
    document_description: Annotated[str, Meta(min_length=1, max_length=5000)]
    document_type_id: Id
    file: Any = None
    embed_link: Link | None = None


class NewMedium(msgspec.Struct):
    """The body of POST …/media: the file under `file`, or its four keys at the top."""

    file: Any = None
    file_name: Any = None
    mimetype: Any = None
    file_content: Any = None
    file_encoding: Any = None

    @property
    def whole_file(self) -> Any:
        if self.file is not None:
            return self.file
        return {name: getattr(self, name) for name in FILE_KEYS}


class DocumentChange(msgspec.Struct):
    document_title: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    document_description: Annotated[str, Meta(min_length=1, max_length=5000)] | UnsetType = UNSET
    document_is_active: Annotated[int, Meta(ge=0, le=1)] | UnsetType = UNSET


class FileType(msgspec.Struct):
    file_type_id: int
    file_type_name: str
    file_type_key: str
    accepted_extensions: list[str]
    allow_embed_link: int


Ending = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]{1,10}$",
        extra={"says": "must be an ending such as pdf, without the dot."},
    ),
]
TypeName = Annotated[str, Meta(min_length=1, max_length=100)]


class DocumentType(FileType, kw_only=True):
    """A type as the administrator sees it: whether it can be chosen, and where a template to
    fill in is kept."""

    document_type_is_active: int
    template_link: str | None


class NewDocumentType(msgspec.Struct):
    """`accepted_extensions` empty: files of any kind."""

    file_type_name: TypeName
    accepted_extensions: Annotated[list[Ending], Meta(max_length=20)] = []
    allow_embed_link: Annotated[int, Meta(ge=0, le=1)] = 1
    template_link: Link | None = None


class DocumentTypeChange(msgspec.Struct):
    """The published types keep their name, their endings and whether a link will do (contract
    4.6)."""

    file_type_name: TypeName | UnsetType = UNSET
    accepted_extensions: Annotated[list[Ending], Meta(max_length=20)] | UnsetType = UNSET
    allow_embed_link: Annotated[int, Meta(ge=0, le=1)] | UnsetType = UNSET
    document_type_is_active: Annotated[int, Meta(ge=0, le=1)] | UnsetType = UNSET
    template_link: Link | None | UnsetType = UNSET


class Document(msgspec.Struct):
    document_id: int
    document_title: str
    document_description: str
    document_type_id: int
    file_id: int | None
    file_name: str | None
    file_size: int | None
    mimetype: str | None
    embed_link: str | None
    document_is_active: int
    document_created_epoch: int
    file_type: FileType


class Medium(msgspec.Struct):
    media_id: int
    file_id: int
    file_name: str
    file_size: int
    mimetype: str
    media_created_epoch: int


class StoredDocument(msgspec.Struct):
    document_id: int
    file_id: int | None


class StoredMedium(msgspec.Struct):
    media_id: int
    file_id: int


def is_whole_file(value: Any) -> bool:
    """Whether a `file` object says all that it must, in a form that can be kept; its content is
    judged apart."""
    if not isinstance(value, dict) or any(not isinstance(value.get(key), str) for key in FILE_KEYS):
        return False
    name = value["file_name"].strip()
    return (
        bool(base_name(name))
        and len(name) <= 255
        and not CONTROL.search(name)
        and bool(_MIMETYPE.fullmatch(value["mimetype"].strip()))
        and value["file_encoding"] == "base64"
    )


def parse_extensions(text: str) -> list[str]:
    """'zip,ssp' -> ['zip', 'ssp']; none: any will do."""
    return [ending for ending in text.split(",") if ending]


def extension(name: str) -> str:
    return base_name(name).rpartition(".")[2].lower()
