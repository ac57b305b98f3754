"""Reading another hub through the Open API (contract 1): Automation Hub, or one like this."""

import hashlib
import time
from collections.abc import Callable, Iterator
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from autohub.integrations.outbound import Outbound, Reply
from autohub.integrations.outbound_errors import OutboundError
from autohub.kit.errors import HubError, Invalid, Unavailable
from autohub.kit.sentences import say
from autohub.kit.text import shorten

MOUNT = "/api/v1/openapi"
TRIES = 6
LONGEST_WAIT_SECONDS = 60
PAGE = 500
CALL_SECONDS, FILE_SECONDS, SILENCE_SECONDS = 300, 6 * 3600, 120
LARGEST = 64 * 1024 * 1024
"""Of an answer that is no file."""


class OtherHubFails(Unavailable):
    """The other hub cannot be reached, refuses the token, or does not answer as the Open API
    does."""


class NotGiven(HubError):
    """The other hub has no such call, or does not let this token have it."""

    status = 404


class Download(NamedTuple):
    """What came of a file: `name` is empty when nobody said it."""

    sha256: str
    name: str
    media_type: str


class OtherHub:
    """Reads another hub; nothing is written there. Safe for several threads at once."""

    def __init__(
        self,
        address: str,
        token: str,
        app_key: str = "",
        *,
        outbound: Outbound,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`address` is that of the hub or of its Open API, `token` TenantID/Token as that hub
        showed it. Raises Invalid for an address over which the token would travel in the clear."""
        self.address = _api_address(address)
        self._headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
        self._headers |= {"x-ah-openapi-app-key": app_key} if app_key else {}
        self._outbound = outbound
        self._wait, self._has_answered = wait, False

    def close(self) -> None:
        self._outbound.close()

    def get(self, path: str, **params: Any) -> Any:
        """The `data` of an answer. Raises NotGiven, OtherHubFails."""
        answer = self._ask(f"{self.address}/{path}", self._call(params))
        try:
            return msgspec.json.decode(answer.body)["data"]
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise OtherHubFails(
                say("{path} of the other hub is no answer of the Open API.", path=path)
            ) from error

    def walk(self, path: str, name: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list that is under `name` in each answer. Raises NotGiven,
        OtherHubFails."""
        offset = 0
        while True:
            data = self.get(path, **params, limit=PAGE, offset=offset)
            if not isinstance(data, dict) or not isinstance(data.get(name), list):
                raise OtherHubFails(
                    say("{path} of the other hub is no list of the Open API.", path=path)
                )
            if data[name]:
                yield data[name]
            offset += len(data[name])
            if not data[name] or offset >= int(data.get("totalItems") or offset):
                return

    def download(self, file_id: int, into: Path) -> Download:
        """Writes a file's bytes. Raises NotGiven, OtherHubFails."""
        digest = hashlib.sha256()

        def send(url: str) -> Reply:
            nonlocal digest
            digest = hashlib.sha256()
            with self._outbound.stream(
                "GET", url, headers=self._headers, seconds=FILE_SECONDS, silence=SILENCE_SECONDS
            ) as answer:
                if answer.status != 200:
                    return Reply(status=answer.status, headers=answer.headers, body=b"")
                with into.open("wb") as file:
                    for part in answer.pieces:
                        digest.update(part)
                        file.write(part)
            return Reply(status=200, headers=answer.headers, body=b"")

        answer = self._ask(f"{self.address}/download/file/{file_id}", send)
        said = Message()
        said["content-disposition"] = answer.headers.get("content-disposition", "")
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        return Download(digest.hexdigest(), said.get_filename() or "", media_type)

    def _call(self, params: dict[str, Any]) -> Callable[[str], Reply]:
        def send(url: str) -> Reply:
            with self._outbound.stream(
                "GET",
                url,
                headers=self._headers,
                params=params,
                seconds=CALL_SECONDS,
                silence=SILENCE_SECONDS,
            ) as answer:
                body = answer.read(LARGEST)
            return Reply(status=answer.status, headers=answer.headers, body=body)

        return send

    def _ask(self, url: str, send: Callable[[str], Reply]) -> Reply:
        for again in range(TRIES):
            last = again == TRIES - 1
            try:
                answer = send(url)
            except OutboundError as error:
                if last or not self._has_answered:  # a wrong address is not waited for
                    raise OtherHubFails(
                        say("The other hub cannot be reached: {error}", error=error.message)
                    ) from error
                self._wait(2**again)
                continue
            self._has_answered = True
            if answer.status == 200:
                return answer
            if last or not (answer.status == 429 or answer.status >= 500):
                raise _refusal(answer, url.removeprefix(self.address))
            self._wait(_seconds(answer.headers.get("retry-after"), 2**again))
        raise AssertionError("unreachable")


def _api_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(say("“{address}” is no https address.", address=shorten(address)))
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise Invalid("The address must begin with https://, else others could read the token.")
    path = parts.path.rstrip("/")
    path = path if path.endswith(MOUNT) else f"{path}{MOUNT}"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(retry_after: str | None, otherwise: float) -> float:
    said = retry_after or ""
    return min(int(said) if said.isdigit() else otherwise, LONGEST_WAIT_SECONDS)


def _refusal(answer: Reply, path: str) -> HubError:
    if answer.status == 401:
        return OtherHubFails("The other hub refuses the token: it is unknown, expired or inactive.")
    if answer.status in (400, 403, 404, 405, 501):
        return NotGiven(say("{path} is not given ({status}).", path=path, status=answer.status))
    return OtherHubFails(
        say("{path} of the other hub answers {status}.", path=path, status=answer.status)
    )
