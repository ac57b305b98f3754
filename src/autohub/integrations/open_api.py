"""Reading another hub through the Open API (contract 1): Automation Hub, or one like this."""

import hashlib
import time
from collections.abc import Callable, Iterator
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec

from autohub.kit.errors import HubError, Invalid, Unavailable
from autohub.kit.sentences import say
from autohub.kit.text import shorten

MOUNT = "/api/v1/openapi"
TRIES = 6
LONGEST_WAIT_SECONDS = 60
PAGE = 500
_TIMEOUT = httpx.Timeout(120, connect=15)


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
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`address` is that of the hub or of its Open API, `token` TenantID/Token as that hub
        showed it. Raises Invalid for an address over which the token would travel in the clear."""
        self.address = _api_address(address)
        headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
        headers |= {"x-ah-openapi-app-key": app_key} if app_key else {}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT, transport=transport)
        self._wait, self._has_answered = wait, False

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **params: Any) -> Any:
        """The `data` of an answer. Raises NotGiven, OtherHubFails."""
        answer = self._ask(f"{self.address}/{path}", params)
        try:
            return msgspec.json.decode(answer.content)["data"]
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
        answer = self._ask(f"{self.address}/download/file/{file_id}", {}, into=into)
        said = Message()
        said["content-disposition"] = answer.headers.get("content-disposition", "")
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        return Download(answer.extensions["sha256"], said.get_filename() or "", media_type)

    def _ask(self, url: str, params: dict[str, Any], into: Path | None = None) -> httpx.Response:
        for again in range(TRIES):
            last = again == TRIES - 1
            try:
                answer = self._send(url, params, into)
            except httpx.TransportError as error:
                if last or not self._has_answered:  # a wrong address is not waited for
                    raise OtherHubFails(
                        say("The other hub cannot be reached: {error}.", error=shorten(str(error)))
                    ) from error
                self._wait(2**again)
                continue
            self._has_answered = True
            if answer.status_code == 200:
                return answer
            if last or not (answer.status_code == 429 or answer.status_code >= 500):
                raise _refusal(answer, url.removeprefix(self.address))
            self._wait(_seconds(answer.headers.get("Retry-After"), 2**again))
        raise AssertionError("unreachable")

    def _send(self, url: str, params: dict[str, Any], into: Path | None) -> httpx.Response:
        with self._client.stream("GET", url, params=params) as answer:
            if into is None or answer.status_code != 200:
                answer.read()
                return answer
            digest = hashlib.sha256()
            with into.open("wb") as file:
                for part in answer.iter_bytes():
                    digest.update(part)
                    file.write(part)
            answer.extensions["sha256"] = digest.hexdigest()
            return answer


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


def _refusal(answer: httpx.Response, path: str) -> HubError:
    if answer.status_code == 401:
        return OtherHubFails("The other hub refuses the token: it is unknown, expired or inactive.")
    if answer.status_code in (400, 403, 404, 405, 501):
        return NotGiven(
            say("{path} is not given ({status}).", path=path, status=answer.status_code)
        )
    return OtherHubFails(
        say("{path} of the other hub answers {status}.", path=path, status=answer.status_code)
    )
