"""Roles and where they hold, as forms send them: a row each of `role_id` and `category_id`."""

from typing import Any

from autohub.access.model import RoleGrant
from autohub.categories import store as categories
from autohub.pipeline.model import category_paths
from autohub.web.views import Form, Visit, is_number


def sent(form: Form) -> list[RoleGrant]:
    """The rows of a form; those without a role are left out."""
    pairs = zip(form.all("role_id"), form.all("category_id"), strict=False)
    return [RoleGrant(int(role), int(place or 0)) for role, place in pairs if is_number(role) and (is_number(place) or not place)]


def plain(grants: list[RoleGrant]) -> list[dict[str, int]]:
    """The same as templates and the services' inputs take them."""
    return [{"role_id": grant.role_id, "category_id": grant.category_id} for grant in grants]


def places(visit: Visit[Any]) -> list[tuple[int, str]]:
    """Where a role can hold: everywhere, or in a category and all below it."""
    return [(0, visit.reader("All categories")), *sorted(category_paths(categories.all_(visit.db)).items(), key=lambda pair: pair[1])]
