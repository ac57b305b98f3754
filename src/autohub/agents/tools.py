"""The tools, each of which is one call of the Open API with the person's own rights."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from autohub.kit.errors import Invalid
from autohub.kit.sentences import encode, say

EMPLOYEE_FLOW = 1
SHOWN = (
    "process_id,process_name,process_slug,process_description,phase_name,phase_status_name,"
    "process_owner,category_name,idea_score,process_created_epoch,process_updated_epoch"
)
"""What a list tells of each idea; an agent pays for every word."""

Schema = dict[str, Any]
Arguments = Mapping[str, Any]


class Call(NamedTuple):
    """What a tool asks: the ids in the path, the query, and the body."""

    path: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never changed
    query: bytes = b""
    body: bytes = b""


class Tool(NamedTuple):
    """`method` and `route` name the call as the reference does, `properties` are JSON Schemas of
    the arguments, `make` turns arguments into the call."""

    name: str
    description: str
    method: str
    route: str
    properties: dict[str, Schema]
    required: tuple[str, ...]
    make: Callable[[Arguments], Call]

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    def described(self) -> dict[str, Any]:
        """The tool as `tools/list` has it."""
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": self.properties,
                "required": list(self.required),
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": not self.writes, "destructiveHint": False},
        }

    def call(self, arguments: Arguments) -> Call:
        """Raises Invalid, which names each argument that is missing or unknown."""
        faults = {name: ["is required."] for name in self.required if name not in arguments}
        known = ", ".join(self.properties)
        faults |= {
            name: [say("is not known; known are {known}.", known=known)]
            for name in arguments
            if name not in self.properties
        }
        faults |= {
            name: [_kind_fault(self.properties[name])]
            for name, value in arguments.items()
            if name in self.properties and not _is_of_kind(value, self.properties[name])
        }
        if faults:
            raise Invalid("The arguments are not right.", details=faults)
        return self.make(arguments)


def _is_of_kind(value: Any, schema: Schema) -> bool:
    if schema["type"] == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _kind_fault(schema: Schema) -> str:
    return "must be a whole number." if schema["type"] == "integer" else "must be a text."


def _query(arguments: Arguments, names: Mapping[str, str], **fixed: str) -> bytes:
    """The query string; `names` says what each argument is called on the wire."""
    given = {wire: arguments[name] for name, wire in names.items() if name in arguments}
    return urlencode(fixed | given).encode()


def _draft(arguments: Arguments) -> Call:
    answers = {
        "OVR-OVERVIEW_NAME": {"value": arguments["name"]},
        "OVR-OVERVIEW_DESCRIPTION": {"value": arguments["description"]},
    }
    inputs = {"OVR": {"ah-section-ovr-0-0": answers}}
    return Call(body=encode({"idea_flow_id": EMPLOYEE_FLOW, "user_inputs": inputs}))


TEXT: Schema = {"type": "string"}
IDEA: Schema = {"type": "string", "description": "The idea's number or slug."}
TOOLS = (
    Tool(
        name="find_ideas",
        description="Finds ideas and automations that the person may see, by words of their "
        "names and descriptions, or by category.",
        method="GET",
        route="/automations",
        properties={
            "text": TEXT | {"description": "Words to look for."},
            "category_id": {"type": "integer", "description": "Filed there or below."},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        },
        required=(),
        make=lambda given: Call(
            query=_query(
                {"limit": 20} | dict(given) | {"limit": min(given.get("limit", 20), 50)},
                {"text": "search", "category_id": "category_id", "limit": "limit"},
                fields=SHOWN,
            )
        ),
    ),
    Tool(
        name="read_idea",
        description="Reads everything that is known of one idea, answers and scores included.",
        method="GET",
        route="/automations/{process_id}",
        properties={"idea": IDEA},
        required=("idea",),
        make=lambda given: Call(path={"process_id": given["idea"]}),
    ),
    Tool(
        name="read_comments",
        description="Reads the questions and answers on one idea, the oldest first.",
        method="GET",
        route="/automations/{process_id}/comments",
        properties={"idea": IDEA},
        required=("idea",),
        make=lambda given: Call(path={"process_id": given["idea"]}, query=b"limit=100"),
    ),
    Tool(
        name="find_duplicates",
        description="Finds ideas that may be the same as one not submitted yet, and says why.",
        method="GET",
        route="/automations/duplicates",
        properties={"name": TEXT, "description": TEXT},
        required=("name",),
        make=lambda given: Call(
            query=_query(given, {"name": "name", "description": "description"})
        ),
    ),
    Tool(
        name="list_my_tasks",
        description="Lists what waits for the person to review, assess, decide, build or rework.",
        method="GET",
        route="/tasks",
        properties={},
        required=(),
        make=lambda _: Call(),
    ),
    Tool(
        name="save_draft",
        description="Keeps an idea as a draft of the person, who submits it later.",
        method="POST",
        route="/drafts",
        properties={"name": TEXT | {"maxLength": 100}, "description": TEXT},
        required=("name", "description"),
        make=_draft,
    ),
    Tool(
        name="add_comment",
        description="Asks or tells something on an idea, in the person's name; its owner is told.",
        method="POST",
        route="/automations/{process_id}/comments",
        properties={"idea": IDEA, "text": TEXT | {"maxLength": 5000}},
        required=("idea", "text"),
        make=lambda given: Call(
            path={"process_id": given["idea"]}, body=encode({"comment_text": given["text"]})
        ),
    ),
)
