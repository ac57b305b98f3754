"""Documents and media sent as a form, as browsers and curl send files."""

from typing import Any

import httpx
import pytest
from tests.support.hub import Answer, Client
from tests.support.ideas import hand_in

FIELDS = {"document_title": "Steps", "document_description": "How", "document_type_id": "9"}
BYTES = bytes(range(256)) * 5000


def _send(client: Client, path: str, fields: dict[str, str], file: Any = None) -> Answer:
    files = {"file": file} if file else {"nothing": b""}
    built = httpx.Request("POST", "http://hub.test", data=fields, files=files)
    headers = {"Content-Type": built.headers["content-type"]}
    headers["Content-Length"] = str(len(built.read()))
    return client.post(path, raw=built.read(), headers=headers)


def test_a_document_arrives_with_its_bytes(owner: Client) -> None:
    path = f"/automations/{hand_in(owner)}/documents"
    made = _send(owner, path, FIELDS, ("schritte ä.bin", BYTES, "application/x-steps"))
    assert made.status == 201, made
    (document,) = owner.get(path).data["documents"]
    assert document["file_name"] == "schritte ä.bin" and document["file_size"] == len(BYTES)
    assert document["mimetype"] == "application/x-steps" and document["document_title"] == "Steps"
    fetched = owner.get(f"/download/file/{made.data['file_id']}")
    assert fetched.raw == BYTES


def test_a_link_and_a_medium_come_as_forms_too(owner: Client) -> None:
    at = f"/automations/{hand_in(owner)}"
    link = FIELDS | {"embed_link": "https://wiki.example.com/steps"}
    assert _send(owner, f"{at}/documents", link).status == 201
    assert _send(owner, f"{at}/media", {}, ("a.png", b"x", "image/png")).status == 201
    assert [each["file_name"] for each in owner.get(f"{at}/media").data["media"]] == ["a.png"]


@pytest.mark.parametrize(
    ("fields", "file", "told"),
    [
        (FIELDS, None, "One and only one of embed_link or file need to be specified."),
        (FIELDS | {"document_type_id": "x"}, ("a", b"x", "text/plain"), "not right"),
        (FIELDS | {"document_type_id": "10"}, ("a.docx", b"x", "text/plain"), "Invalid file."),
        (FIELDS, ("a.txt", b"", "text/plain"), "Invalid file."),
        (FIELDS | {"document_title": "a\x00b"}, ("a", b"x", "text/plain"), "cannot be kept"),
    ],
)
def test_what_is_wrong_is_said_as_for_json(
    owner: Client, fields: dict[str, str], file: Any, told: str
) -> None:
    path = f"/automations/{hand_in(owner)}/documents"
    refused = _send(owner, path, fields, file)
    assert refused.status == 400 and told in refused.message, refused
    assert owner.get(path).data["documents"] == []


def test_a_form_that_breaks_off_is_refused(owner: Client) -> None:
    path = f"/automations/{hand_in(owner)}/documents"
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "9"}
    assert owner.post(path, raw=b"--x\r\nnope", headers=headers).status == 400
