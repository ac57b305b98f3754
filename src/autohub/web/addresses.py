"""Which handler answers at which address."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from autohub.kit.errors import NotFound, WrongMethod
from autohub.kit.sentences import say
from autohub.web.asgi import Received
from autohub.web.streaming import Answer

Handler = Callable[[Received], Awaitable[Answer]]


class NoAddress(NotFound):
    def __init__(self, path: str) -> None:
        super().__init__(
            say(
                "There is nothing at {path}; the API reference at /api/v1/api-doc/ lists what is.",
                path=path,
            )
        )


class NoMethod(WrongMethod):
    """`offered` are the methods of the address."""

    def __init__(self, call: str, offered: str) -> None:
        super().__init__(
            say(
                "{call} is not offered; the API reference at /api/v1/api-doc/ lists what is.",
                call=call,
            )
        )
        self.offered = offered


class Found(NamedTuple):
    handlers: Mapping[str, Handler]  # by method
    parameters: dict[str, str]


class _Shape:
    """Addresses that begin alike; `named` is what a part stands for that is not among `parts`."""

    def __init__(self) -> None:
        self.parts: dict[str, _Shape] = {}
        self.named: dict[str, _Shape] = {}
        self.handlers: dict[str, Handler] = {}


class Addresses:
    """Paths, in which `{name}` stands for one part and `{name:path}`, at the end, for all that
    follow. A part that is written out comes before one that is named."""

    def __init__(self) -> None:
        self._fixed: dict[str, dict[str, Handler]] = {}
        self._exact: dict[str, Handler] = {}
        self._shapes = _Shape()

    def add(self, method: str, path: str, handler: Handler) -> None:
        if "{" not in path:
            self._fixed.setdefault(path, {})[method] = handler
            return
        shape = self._shapes
        for part in path.split("/")[1:]:
            branches = shape.named if part.startswith("{") else shape.parts
            shape = branches.setdefault(part.strip("{}"), _Shape())
        shape.handlers[method] = handler

    def add_exactly(self, path: str, handler: Handler) -> None:
        """GET of a path that a proxy may hide: no other way to write it leads there."""
        self._exact[path] = handler

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler and what the named parts are. Raises NoAddress, NoMethod."""
        handler = self._fixed.get(path, {}).get(method)  # nearly every call
        if handler is not None:
            return handler, {}
        if path in self._exact:
            if method == "GET":
                return self._exact[path], {}
            raise NoMethod(f"{method} {path}", "GET, HEAD, OPTIONS")
        wanted = "/" + "/".join(part for part in path.split("/") if part)
        found = [Found(self._fixed[wanted], {})] if wanted in self._fixed else []
        found += _matching(self._shapes, wanted.split("/")[1:], {})
        for handlers, parameters in found:
            if method in handlers:
                return handlers[method], parameters
        if not found:
            raise NoAddress(path)
        offered = {name for handlers, _ in found for name in handlers} | {"OPTIONS"}
        offered |= {"HEAD"} if "GET" in offered else set()
        raise NoMethod(f"{method} {path}", ", ".join(sorted(offered)))


def _matching(shape: _Shape, parts: list[str], parameters: dict[str, str]) -> list[Found]:
    if not parts:
        return [Found(shape.handlers, parameters)] if shape.handlers else []
    found = []
    if parts[0] in shape.parts:
        found += _matching(shape.parts[parts[0]], parts[1:], parameters)
    for name, below in shape.named.items():
        if name.endswith(":path"):
            rest = {name.removesuffix(":path"): "/".join(parts)}
            found.append(Found(below.handlers, parameters | rest))
        else:
            found += _matching(below, parts[1:], parameters | {name: parts[0]})
    return found
