"""A Postman collection (format 2.1) of every call, with requests that the collection runner
repeats for each row of a CSV file."""

from collections.abc import Sequence
from typing import Any

import msgspec

from autohub.kit.sentences import encode
from autohub.web.openapi import PREFIX, TAGS
from autohub.web.routes import RawBody, Route

Json = dict[str, Any]
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
BODY_OF_A_ROW = """\
// The body is made of the row here, not of a template: a quote or a line end in a cell would break
// one. Empty cells are left out. `user_roles` holds role:category pairs, such as 8:0; 3:12.
const numbers = ["user_is_active", "user_invite_status"];
const body = {};
for (const [name, cell] of Object.entries(pm.iterationData.toObject())) {
  const text = String(cell === null || cell === undefined ? "" : cell).trim();
  if (text === "") continue;
  if (name === "user_roles") {
    body[name] = text.split(";").filter((pair) => pair.trim() !== "").map((pair) => {
      const [role, category] = pair.split(":");
      return {role_id: Number(role), category_id: Number(category || 0)};
    });
  } else {
    body[name] = numbers.includes(name) ? Number(text) : text;
  }
}
pm.request.body.update({
  mode: "raw",
  raw: JSON.stringify(body),
  options: {raw: {language: "json"}},
});
"""
CHECK_OF_A_ROW = """\
const said = pm.response.json();
const details = JSON.stringify(said.errorDetails || {});
pm.test(`${pm.iterationData.get("user_email")}: ${said.message} ${details}`, () => {
  pm.expect(pm.response.code).to.be.oneOf([200, 201]);
});
"""
RUNNERS = (
    ("Add User", "/adduser", "Adds a user for each row of a CSV file."),
    ("Edit User", "/edituser", "Edits a user for each row; what a cell leaves empty stays."),
)


def build_collection(routes: Sequence[Route], *, base_url: str) -> Json:
    """The collection; `base_url` and a token are its variables."""
    folders = [
        {
            "name": tag,
            "description": TAGS[tag],
            "item": [_item(route) for route in routes if route.tag == tag],
        }
        for tag in dict.fromkeys(route.tag for route in routes)
    ]
    runner = {
        "name": "Runner",
        "description": "Choose one of these in the collection runner, and a CSV file whose first "
        "row names fields such as user_email, user_first_name and user_roles.",
        "item": [_runner(name, path, about) for name, path, about in RUNNERS],
    }
    return {
        "info": {
            "name": "autohub",
            "description": "Every call of the Open API. Set the variable `token` to TenantID/Token "
            "as the hub showed it.",
            "schema": SCHEMA,
        },
        "auth": {
            "type": "bearer",
            "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}],
        },
        "variable": [
            {"key": "base_url", "value": base_url},
            {"key": "token", "value": ""},
        ],
        "item": [runner, *folders],
    }


def _item(route: Route) -> Json:
    request: Json = {
        "method": route.method,
        "header": _headers(),
        "url": _url(route),
        "description": "\n\n".join(filter(None, (route.summary, route.description))),
    }
    if not route.rights:
        request["auth"] = {"type": "noauth"}
    if route.body is RawBody:
        request["body"] = {"mode": "file"}
    elif route.body is not None:
        request["body"] = _json(route.body_example)
    return {"name": route.summary, "request": request, "response": []}


def _url(route: Route) -> Json:
    path = (PREFIX + route.path).strip("/").split("/")
    named = [f":{part[1:-1]}" if part.startswith("{") else part for part in path]
    made: Json = {
        "raw": "{{base_url}}/" + "/".join(named),
        "host": ["{{base_url}}"],
        "path": named,
    }
    if route.params:
        made["query"] = [
            {
                "key": param.name,
                "value": "",
                "description": str(param.doc),
                "disabled": not param.required,
            }
            for param in route.params
        ]
    if variables := [part[1:-1] for part in path if part.startswith("{")]:
        made["variable"] = [{"key": name, "value": "1"} for name in variables]
    return made


def _headers() -> list[Json]:
    return [{"key": "x-ah-openapi-auth", "value": "openapi-token"}]


def _json(example: Any) -> Json:
    text = msgspec.json.format(encode(example), indent=2).decode()
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def _runner(name: str, path: str, about: str) -> Json:
    where = (PREFIX + path).strip("/").split("/")
    return {
        "name": name,
        "event": [
            _event("prerequest", BODY_OF_A_ROW),
            _event("test", CHECK_OF_A_ROW),
        ],
        "request": {
            "method": "POST",
            "header": _headers(),
            "url": {
                "raw": "{{base_url}}/" + "/".join(where),
                "host": ["{{base_url}}"],
                "path": where,
            },
            "description": about,
            "body": {"mode": "raw", "raw": "{}", "options": {"raw": {"language": "json"}}},
        },
        "response": [],
    }


def _event(listen: str, script: str) -> Json:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": script.splitlines()}}
