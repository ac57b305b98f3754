"""What people and ideas stand on: categories, applications, roles, costs and components."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from autohub.access import roles
from autohub.access import store as access
from autohub.access.model import NewRole, Right
from autohub.applications import service as applications
from autohub.applications import store as application_store
from autohub.applications.model import ApplicationInput
from autohub.benefits import setup
from autohub.benefits.model import CostSetup, NewPrice, Rate
from autohub.categories import service as categories
from autohub.categories import store as category_store
from autohub.categories.model import CategoryInput
from autohub.collaborators import service as collaborators
from autohub.collaborators import store as seats
from autohub.collaborators.model import NewCollaboratorRole
from autohub.components import store as components
from autohub.components.model import STATUSES, NewComponent
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert
from autohub.kit.sentences import say
from autohub.kit.text import email_key, fold
from autohub.move_in.model import Outcome
from autohub.move_in.moving import Moving, Record
from autohub.users import store as user_store

RATES = "cost setup"
Path = tuple[str, ...]
Paths = dict[Path, int]


def move_categories(moving: Moving) -> None:
    """Adds what is not here, found by the names from the top; what is here stays as it is."""
    theirs = moving.hub.get("hierarchy")["categories"]

    def work(db: Writing) -> tuple[Paths, Paths]:
        before = _index(db)
        others = category_store.other_nodes(db)
        tree = [categories.to_input(node) for node in category_store.load_tree(db)]
        _merge(tree, theirs, others, 1)
        categories.replace_tree(db, moving.caller, tree, now=moving.now)
        return before, _index(db)

    before, after = moving.database.write(work)
    ids = moving.ids["category"] = {}
    for node, path in _walk(theirs, ()):
        ids[node["category_id"]] = after[path]
        outcome: Outcome = "unchanged" if path in before else "created"
        moving.report.add("category", node["category_id"], node["category_name"], outcome)


def _path_of(node: dict[str, Any], above: Path) -> Path:
    """Where a node is: “Other” is one on each level, wherever it hangs."""
    if node["category_is_other"]:
        return (f"other {node['category_level_id']}",)
    return (*above, fold(node["category_name"]))


def _walk(nodes: list[dict[str, Any]], above: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    for node in nodes:
        path = _path_of(node, above)
        yield node, path
        yield from _walk(node["subcategories"], path)


def _index(db: Reading) -> Paths:
    tree = msgspec.to_builtins(category_store.load_tree(db))
    return {path: node["category_id"] for node, path in _walk(tree, ())}


def _merge(
    ours: list[CategoryInput], theirs: list[dict[str, Any]], others: dict[int, int], level: int
) -> None:
    by_name = {fold(own.category_name): own for own in reversed(ours)}
    for node in theirs:
        if node["category_is_other"] and level in others:
            continue
        name = " ".join(node["category_name"].split())
        place = by_name.get(fold(name))
        if place is None:
            place = by_name[fold(name)] = CategoryInput(
                name,
                category_is_other=node["category_is_other"],
                category_is_active=node["category_is_active"],
                category_scope=node.get("category_scope"),
            )
            ours.append(place)
        _merge(place.subcategories, node["subcategories"], others, level + 1)


def move_applications(moving: Moving) -> None:
    """Found again by name and version."""
    ids = moving.ids["application"] = {}
    for page in moving.hub.walk("appinventory", "applications"):
        for app in page:
            our_id = moving.bring(_application(moving, app))
            if our_id is not None:
                ids[app["application_id"]] = our_id


def _application(moving: Moving, app: dict[str, Any]) -> Record:
    version = app.get("application_version") or ""

    def write(db: Writing, our_id: int | None) -> int:
        filed = [moving.ours("category", i) for i in app["category_ids"]]
        wanted = convert(
            {
                "application_id": our_id,
                "application_name": app["application_name"],
                "application_version": version,
                "application_language": app.get("application_language") or "",
                "categoryIds": [category_id for category_id in filed if category_id],
            },
            ApplicationInput,
        )
        return applications.save_applications(db, moving.caller, [wanted], now=moving.now)[0]

    def read(db: Reading, our_id: int) -> Any:
        return application_store.existing_applications(db, [our_id]).get(our_id)

    def find(db: Reading) -> int | None:
        return application_store.find_by_name(db, app["application_name"], version)

    return Record(
        kind="application",
        their_id=str(app["application_id"]),
        name=app["application_name"],
        theirs=app,
        read_ours=read,
        write=write,
        find=find,
    )


def move_roles(moving: Moving) -> None:
    """Found again by name; a role that is not here is made with the permissions that this hub
    has too."""
    theirs = moving.hub.get("roles")["roles"]
    with moving.database.reading() as db:
        by_name = {fold(role["role_name"]): role["role_id"] for role in access.all_roles(db)}
    _match_roles(moving, "role", theirs, by_name, _make_role)


def _match_roles(
    moving: Moving,
    kind: str,
    theirs: list[dict[str, Any]],
    by_name: dict[str, int],
    make: Callable[[Moving, dict[str, Any]], int | None],
) -> None:
    ids = moving.ids[kind] = {}
    for role in theirs:
        our_id = by_name.get(fold(role["role_name"]))
        if our_id is None:
            our_id = make(moving, role)
        else:
            moving.report.add(kind, role["role_id"], role["role_name"], "unchanged")
        if our_id is not None:
            ids[role["role_id"]] = our_id


def _make_role(moving: Moving, role: dict[str, Any]) -> int | None:
    known = {right.value for right in Right}
    permissions = [name for name in role.get("permissions") or () if name in known]

    def write(db: Writing, _: int | None) -> int:
        new = {
            "role_name": role["role_name"],
            "role_description": role.get("role_description") or "",
            "permissions": permissions,
        }
        made = roles.create_role(db, moving.caller, convert(new, NewRole), now=moving.now)
        return int(made["role_id"])

    our_id = moving.bring(
        Record(
            kind="role",
            their_id=str(role["role_id"]),
            name=role["role_name"],
            theirs=role,
            read_ours=lambda _, our_id: our_id,
            write=write,
        )
    )
    if lost := [name for name in role.get("permissions") or () if name not in known]:
        told = say("This hub does not know the permissions {names}.", names=", ".join(lost))
        moving.report.add("permission", role["role_id"], role["role_name"], "failed", told)
    return our_id


def move_collaborator_roles(moving: Moving) -> None:
    """Found again by name."""
    theirs = moving.hub.get("collaborator-roles")["roles"]
    with moving.database.reading() as db:
        by_name = {fold(row.role_name): role_id for role_id, row in seats.all_roles(db).items()}
    _match_roles(moving, "collaborator role", theirs, by_name, _make_collaborator_role)


def _make_collaborator_role(moving: Moving, role: dict[str, Any]) -> int | None:
    def write(db: Writing, _: int | None) -> int:
        new = NewCollaboratorRole(role["role_name"], role.get("role_description") or "")
        return collaborators.create_role(db, moving.caller, new, now=moving.now).role_id

    return moving.bring(
        Record(
            kind="collaborator role",
            their_id=str(role["role_id"]),
            name=role["role_name"],
            theirs=role["role_name"],
            read_ours=lambda db, our_id: our_id if our_id in seats.all_roles(db) else None,
            write=write,
        )
    )


def move_cost_setup(moving: Moving) -> None:
    """Adds rates and prices that are not here; currency and working time are this hub's own."""
    theirs = convert(moving.hub.get("cost-setup"), CostSetup)
    with moving.database.reading() as db:
        ours = setup.get_setup(db)
    if theirs.currency != ours.currency:
        told = say(
            "Its default currency is {theirs}, this hub's is {ours}; amounts keep theirs where "
            "there is a rate for it.",
            theirs=theirs.currency,
            ours=ours.currency,
        )
        moving.report.add(RATES, "", theirs.currency, "kept", told)
    known_rates = {(rate.currency, rate.valid_from) for rate in ours.rates}
    for rate in theirs.rates:
        if rate.currency != ours.currency and (rate.currency, rate.valid_from) not in known_rates:
            _add_rate(moving, rate)
    known_prices = {_price_facts(price) for price in ours.prices}
    for price in theirs.prices:
        if _price_facts(price) not in known_prices:
            _add_price(moving, price)


def _price_facts(price: Any) -> tuple[Any, ...]:
    return (price.kind, price.vendor_name, price.price_name, price.price, price.currency)


def _add_rate(moving: Moving, rate: Rate) -> None:
    try:
        moving.database.write(lambda db: setup.set_rate(db, moving.caller, rate, now=moving.now))
        moving.report.add(RATES, "", rate.currency, "created")
    except Invalid as error:
        moving.report.add(RATES, "", rate.currency, "failed", error.message)


def _add_price(moving: Moving, price: Any) -> None:
    facts = dict(zip(NewPrice.__struct_fields__, _price_facts(price), strict=True))
    try:
        new = convert(facts, NewPrice)
        moving.database.write(lambda db: setup.add_price(db, moving.caller, new, now=moving.now))
        moving.report.add(RATES, price.price_id, price.price_name, "created")
    except Invalid as error:
        moving.report.add(RATES, price.price_id, price.price_name, "failed", error.message)


def move_components(moving: Moving) -> None:
    """Found again by their number there."""
    ids = moving.ids["component"] = {}
    for page in moving.hub.walk("components", "components"):
        for component in page:
            our_id = moving.bring(_component(moving, component))
            if our_id is not None:
                ids[component["component_id"]] = our_id


def _component(moving: Moving, component: dict[str, Any]) -> Record:
    theirs = {
        name: component.get(name)
        for name in (*NewComponent.__struct_fields__, "component_status", "author_email")
    }

    def write(db: Writing, our_id: int | None) -> int:
        facts = {name: theirs[name] for name in NewComponent.__struct_fields__ if theirs[name]}
        facts["category_id"] = moving.ours("category", theirs["category_id"])
        values = msgspec.to_builtins(convert(facts, NewComponent))
        status = theirs["component_status"]
        author = theirs["author_email"]
        values["component_status"] = status if status in STATUSES else STATUSES[0]
        found = user_store.user_ids_by_email(db, [email_key(author)]) if author else {}
        values["author_user_id"] = found.get(email_key(author)) if author else None
        return components.save_component(db, our_id, values, now=moving.now)

    def read(db: Reading, our_id: int) -> Any:
        found = components.get_component(db, moving.caller, our_id)
        facts = msgspec.to_builtins(found)
        return facts and {name: facts[name] for name in theirs}

    return Record(
        kind="component",
        their_id=str(component["component_id"]),
        name=str(component["component_name"]),
        theirs=theirs,
        read_ours=read,
        write=write,
    )
