"""Roles and where they hold, as forms send them: a row each of `role_id` and `category_id`."""

from collections.abc import Iterable, Mapping
from typing import Any

from autohub.access.model import ACCOUNT_OWNER, SYSTEM_ADMIN, RoleGrant
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.kit.errors import Invalid
from autohub.kit.text import N_
from autohub.web.forms import Form, is_number
from autohub.web.page_requests import PageRequest

ADMINISTRATORS = (ACCOUNT_OWNER, SYSTEM_ADMIN)
"""Roles that are given only with a second yes."""


def parse_grants(form: Form) -> list[RoleGrant]:
    """The rows of a form; those without a role are left out. Raises Invalid for a role that holds
    nowhere: it never holds everywhere because nobody said where."""
    pairs = zip(form.all("role_id"), form.all("category_id"), strict=False)
    rows = [(int(role), place) for role, place in pairs if is_number(role)]
    if not all(is_number(place) for _, place in rows):
        raise Invalid(
            "Choose where each role holds.", details={"category_id": [N_("needs an answer.")]}
        )
    return [RoleGrant(role, int(place)) for role, place in rows]


def plain_grants(grants: list[RoleGrant]) -> list[dict[str, int]]:
    """The same as templates and the services' inputs take them."""
    return [{"role_id": grant.role_id, "category_id": grant.category_id} for grant in grants]


def grant_places(request: PageRequest[Any]) -> list[tuple[int, str]]:
    """Where a role can hold: everywhere, or in a category and all below it."""
    return [
        (0, request.reader("All categories")),
        *sorted(
            category_paths(categories.all_categories(request.db)).items(), key=lambda pair: pair[1]
        ),
    ]


def confirmations(request: PageRequest[Any], names: Mapping[int, str]) -> dict[int, str]:
    """What is asked before one of the administrators' roles is given, by role."""
    text = request.reader("Give the role “%s”? Who holds it may change every account, yours too.")
    return {role_id: text % names[role_id] for role_id in ADMINISTRATORS if role_id in names}


def need_confirmed(request: PageRequest[Any], *, held: Iterable[int], given: Iterable[int]) -> None:
    """Raises Invalid when the form gives an administrators' role that is not held yet without
    the second yes for it."""
    unsure = {*given}.intersection(ADMINISTRATORS) - {*held} - {*request.form.numbers("confirmed")}
    if unsure:
        text = request.reader("An administrators' role is given only when you say so once more.")
        raise Invalid(text, details={"confirmed": [request.reader("must be ticked too.")]})
