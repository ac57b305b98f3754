"""People in front of pages, without a browser: a session's cookie, forms, and what a page says."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

from autohub.access import sessions
from autohub.kit.clock import now as clock
from tests.support.hub import Answer, TestHub

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def on_one_line(html: str) -> str:
    """A page without the line breaks and indents of its template, so that tests do not depend on
    where they are. What stands in a text field stays as it is."""
    parts = re.split(r"(?<=>)([^<]*</textarea>)", html)
    for pattern, instead in ((r">\s*\n\s*", ">"), (r"\s*\n\s*(<|>)", r"\1"), (r"\s*\n\s*", " ")):
        parts[::2] = [re.sub(pattern, instead, part) for part in parts[::2]]
    return "".join(parts)


class Shown:
    """One page as a browser takes it; `text` is what a person reads of it."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers, self.html = (
            answer.status,
            answer.headers,
            answer.raw.decode(errors="replace"),
        )
        if self.headers.get("content-type", "").startswith("text/html"):
            self.html = on_one_line(self.html)
        self.location = answer.headers.get("location", "")

    @property
    def text(self) -> str:
        bare = re.sub(r"<(script|style|template).*?</\1>", " ", self.html, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, re.DOTALL)
        return unescape(found[1]) if found else ""

    def value(self, name: str) -> str:
        """What stands in a field."""
        found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', self.html)
        assert found, f"no field {name}"
        value = re.search(r'value="([^"]*)"', found[0])
        return unescape(value[1]) if value else ""

    def __repr__(self) -> str:
        return f"<{self.status} {self.location} {self.text[:300]!r}>"


class Visitor:
    """A browser of one person, or of nobody."""

    def __init__(self, hub: TestHub, user_id: int | None = None) -> None:
        self.hub, self.user_id, self.cookies = hub, user_id, dict[str, str]()
        if user_id is not None:
            made = hub.database.write(
                lambda db: sessions.open_session(
                    db,
                    user_id=user_id,
                    door="password",
                    seconds=3600,
                    installation=hub.installation,
                    now=clock(),
                    client="test",
                    through="page",
                )
            )
            self.cookies["autohub"] = made["access_token"]

    def _headers(self) -> dict[str, str]:
        return {
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        } | SAME_ORIGIN

    def _keep(self, answer: Answer) -> Shown:
        for line in answer.response.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return Shown(answer)

    def get(self, path: str, **headers: str) -> Shown:
        return self._keep(self.hub.request("GET", path, None, self._headers() | headers))

    def post(
        self,
        path: str,
        fields: dict[str, Any] | list[tuple[str, Any]] | None = None,
        **headers: str,
    ) -> Shown:
        """Sends a form as a browser does."""
        sent = {"content-type": "application/x-www-form-urlencoded"} | self._headers() | headers
        return self._keep(self.hub.request("POST", path, urlencode(fields or {}).encode(), sent))

    def upload(
        self, path: str, name: str, content: bytes, fields: dict[str, str] | None = None
    ) -> Shown:
        """Sends a form with one file in its field `file`."""
        return self.upload_all(path, {"file": (name, content)}, fields)

    def upload_all(
        self, path: str, files: dict[str, tuple[str, bytes]], fields: dict[str, str] | None = None
    ) -> Shown:
        """Sends a form with several files, by their fields: name and content of each."""
        boundary = "autohubtest"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
            for k, v in (fields or {}).items()
        ]
        for field, (name, content) in files.items():
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; '
                f'filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
            )
            parts += [head.encode(), content, b"\r\n"]
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        sent = {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(len(body)),
        } | self._headers()
        return self._keep(self.hub.request("POST", path, body, sent))


def visitor(hub: TestHub, *roles: tuple[int, int], email: str | None = None) -> Visitor:
    """An active person with these roles, signed in."""
    return Visitor(hub, hub.person(*roles, email=email))


def form_of(reader: Visitor, path: str) -> dict[str, str]:
    """What the fields of a page's form hold."""
    fields = {}
    for found in re.finditer(r"<(?:input|textarea)[^>]*>", reader.get(path).html):
        name = re.search(r'name="([^"]+)"', found[0])
        value = re.search(r'value="([^"]*)"', found[0])
        if name and not re.search(r'type="(?:radio|checkbox)"(?![^>]*checked)', found[0]):
            fields[name[1]] = value[1] if value else ""
    return fields
