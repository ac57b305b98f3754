"""Documents, media and downloads (contract 4.6)."""

import base64
from typing import Any

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import hand_in, idea


def a_file(content: bytes = b"Hello", **fields: Any) -> dict[str, Any]:
    values = {
        "file_name": "a.txt",
        "mimetype": "text/plain",
        "file_content": base64.b64encode(content).decode(),
        "file_encoding": "base64",
    }
    return {key: value for key, value in (values | fields).items() if value is not None}


def a_document(**fields: Any) -> dict[str, Any]:
    values = {
        "document_title": "PDD",
        "document_description": "How it is done.",
        "document_type_id": 1,
    }
    return {key: value for key, value in (values | fields).items() if value is not None}


def add(client: Client, number: int, **fields: Any) -> Answer:
    return client.post(f"/automations/{number}/documents", a_document(**fields))


class TestDocuments:
    def test_a_file_comes_back_as_it_was(self, hub: TestHub, owner: Client) -> None:
        number, content = hand_in(owner), bytes(range(256)) * 2000
        answer = add(
            owner,
            number,
            file=a_file(content, file_name="C:\\docs\\Bericht ä.pdf", mimetype="application/pdf"),
        )
        assert (answer.status, answer.message) == (201, "Resource Created") and set(
            answer.data
        ) == {"document_id", "file_id"}
        listed = owner.get(f"/automations/{number}/documents").data
        record = listed["documents"][0]
        assert (
            listed["totalItems"] == 1
            and record["file_name"] == "Bericht ä.pdf"
            and record["file_size"] == len(content)
        )
        assert record["file_type"] == {
            "file_type_id": 1,
            "file_type_name": "Process Definition Document",
            "file_type_key": "PDD",
            "accepted_extensions": [],
            "allow_embed_link": 1,
        }
        got = owner.get(f"/download/file/{answer.data['file_id']}")
        assert got.raw == content and got.headers["content-type"].startswith("application/pdf")
        assert (
            "attachment" in got.headers["content-disposition"]
            and "sandbox" in got.headers["content-security-policy"]
        )
        again = owner.get(
            f"/download/file/{answer.data['file_id']}",
            headers={"If-None-Match": got.headers["etag"]},
        )
        assert again.status == 304
        assert idea(owner, number)["process_num_documents"] == 1

    def test_a_link_needs_no_file(self, owner: Client) -> None:
        number = hand_in(owner)
        answer = add(owner, number, embed_link="https://example.com/pdd")
        assert answer.status == 201 and answer.data["file_id"] is None
        assert (
            owner.get(f"/automations/{number}/documents").data["documents"][0]["embed_link"]
            == "https://example.com/pdd"
        )

    @pytest.mark.parametrize(
        "fields", [{}, {"file": a_file(), "embed_link": "https://example.com"}]
    )
    def test_one_and_only_one_of_file_and_link(self, owner: Client, fields: dict[str, Any]) -> None:
        answer = add(owner, hand_in(owner), **fields)
        assert (answer.status, answer.message) == (
            400,
            "One and only one of embed_link or file need to be specified.",
        )

    @pytest.mark.parametrize(
        "file",
        [
            *({k: v for k, v in a_file().items() if k != key} for key in a_file()),
            *(a_file(**{key: ""}) for key in a_file()),
            a_file(file_encoding="hex"),
            a_file(file_content="!!!"),
            a_file(file_content="QQ"),
            a_file(file_name="../"),
            a_file(mimetype="text"),
            a_file(mimetype="text/html\r\nX: y"),
            "text",
            5,
            [],
        ],
    )
    def test_a_file_that_is_not_whole_is_invalid(
        self, hub: TestHub, owner: Client, file: Any
    ) -> None:
        number = hand_in(owner)
        answer = add(owner, number, file=file)
        assert answer.status == 400 and (
            answer.message == "Invalid file." or "control" in str(answer.json)
        )
        assert owner.get(f"/automations/{number}/documents").data["totalItems"] == 0
        assert not [p for p in (hub.settings.data_dir / "spool").glob("*") if p.is_file()]

    def test_types_are_kept(self, owner: Client) -> None:
        number = hand_in(owner)
        unknown = add(owner, number, document_type_id=12, file=a_file())
        assert unknown.status == 400 and "10 TCD" in unknown.details["document_type_id"][0]
        assert (
            add(owner, number, document_type_id=10, embed_link="https://example.com").status == 400
        )
        assert add(owner, number, document_type_id=10, file=a_file()).message == "Invalid file."
        assert (
            add(owner, number, document_type_id=10, file=a_file(file_name="capture.SSP")).status
            == 201
        )
        keys = [t["file_type_key"] for t in owner.get("/document-types").data["document_types"]]
        assert keys == ["PDD", "SDD", "DSD", "SOP", "DWI", "PM", "INF", "OUF", "MISC", "TCD", "ASC"]

    def test_they_are_changed_and_deleted(self, hub: TestHub, owner: Client) -> None:
        number = hand_in(owner)
        made = add(owner, number, file=a_file()).data
        path = f"/automations/{number}/documents/{made['document_id']}"
        assert (
            owner.patch(path, {"document_title": "PDD 2", "document_is_active": 0}).data[
                "document_is_active"
            ]
            == 0
        )
        assert owner.delete(path).status == 200 and owner.delete(path).status == 404
        assert (
            owner.get(f"/download/file/{made['file_id']}").status == 404
            and idea(owner, number)["process_num_documents"] == 0
        )
        assert (
            owner.get(f"/download/file/{add(owner, number, file=a_file()).data['file_id']}").raw
            == b"Hello"
        )

    def test_who_may(self, hub: TestHub, owner: Client) -> None:
        number = hand_in(owner)
        file_id = add(owner, number, file=a_file()).data["file_id"]
        reader, far = hub.someone((8, 0)), hub.someone((8, 9))
        assert (
            reader.get(f"/download/file/{file_id}").raw == b"Hello"
            and add(reader, number, file=a_file()).status == 403
        )
        assert (
            far.get(f"/download/file/{file_id}").status
            == far.get(f"/automations/{number}/documents").status
            == 404
        )
        assert (
            add(far, number, file=a_file()).status == 404
            and hub.anonymous().get(f"/download/file/{file_id}").status == 401
        )

    def test_a_repeat_with_a_key_adds_it_once_and_another_file_is_another_body(
        self, owner: Client
    ) -> None:
        number, key = hand_in(owner), {"Idempotency-Key": "k"}
        path = f"/automations/{number}/documents"
        first = owner.post(path, a_document(file=a_file()), headers=key)
        assert owner.post(path, a_document(file=a_file()), headers=key).raw == first.raw
        assert owner.post(path, a_document(file=a_file(b"Other")), headers=key).status == 409
        assert owner.get(path).data["totalItems"] == 1

    def test_media_are_apart(self, owner: Client) -> None:
        number = hand_in(owner)
        made = owner.post(
            f"/automations/{number}/media",
            {"file": a_file(file_name="a.png", mimetype="image/png")},
        )
        assert (
            made.status == 201
            and owner.get(f"/download/file/{made.data['file_id']}").raw == b"Hello"
        )
        assert owner.get(f"/automations/{number}/media").data["media"][0]["file_name"] == "a.png"
        assert owner.get(f"/automations/{number}/documents").data["totalItems"] == 0
        assert owner.post(f"/automations/{number}/media", {}).message == "Invalid file."


class TestTypesOfDocuments:
    def test_an_organisation_adds_its_own_and_switches_off_what_it_does_not_use(
        self, hub: TestHub, owner: Client
    ) -> None:
        made = owner.post(
            "/document-types",
            {
                "file_type_name": "Security concept",
                "accepted_extensions": ["pdf"],
                "allow_embed_link": 0,
            },
        )
        assert (
            made.status == 201
            and made.data["file_type_id"] == 101
            and made.data["file_type_key"] == "SECURITY_CONCEPT"
        )
        number = hand_in(owner)
        assert "end in .pdf" in str(add(owner, number, document_type_id=101, file=a_file()).details)
        assert (
            add(owner, number, document_type_id=101, file=a_file(file_name="a.pdf")).status == 201
        )
        off = owner.patch("/document-types/101", {"document_type_is_active": 0})
        assert off.data["document_type_is_active"] == 0
        refused = add(owner, number, document_type_id=101, file=a_file(file_name="a.pdf"))
        assert (refused.status, refused.message) == (400, "This type of document is switched off.")
        kept = owner.get(f"/automations/{number}/documents").data["documents"][0]["file_type"]
        assert kept["file_type_name"] == "Security concept" and kept["accepted_extensions"] == [
            "pdf"
        ]
        kinds = {
            kind["file_type_id"]: kind
            for kind in hub.someone((8, 0)).get("/document-types").data["document_types"]
        }
        assert set(kinds) == {*range(1, 12), 101} and kinds[1]["document_type_is_active"] == 1

    def test_a_published_type_takes_a_template_and_keeps_what_other_systems_know_of_it(
        self, owner: Client
    ) -> None:
        link = "https://wiki.example.com/pdd"
        assert (
            owner.patch("/document-types/1", {"template_link": link}).data["template_link"] == link
        )
        refused = owner.patch(
            "/document-types/1", {"file_type_name": "PDD", "accepted_extensions": ["pdf"]}
        )
        assert refused.status == 400 and set(refused.details) == {
            "file_type_name",
            "accepted_extensions",
        }
        same = owner.patch(
            "/document-types/1",
            {"file_type_name": "Process Definition Document", "template_link": None},
        )
        assert same.status == 200 and same.data["template_link"] is None

    def test_names_are_taken_once_and_bad_values_are_named(
        self, hub: TestHub, owner: Client
    ) -> None:
        assert owner.post("/document-types", {"file_type_name": "miscellaneous"}).status == 409
        assert owner.post("/document-types", {"file_type_name": "…"}).status == 409
        bad = owner.post(
            "/document-types",
            {
                "file_type_name": "",
                "accepted_extensions": [".PDF"],
                "template_link": "javascript:x",
            },
        )
        assert bad.status == 400 and set(bad.details) == {
            "file_type_name",
            "accepted_extensions.0",
            "template_link",
        }
        assert owner.patch("/document-types/999", {}).status == 404
        assert hub.someone((8, 0)).post("/document-types", {"file_type_name": "Mine"}).status == 403
