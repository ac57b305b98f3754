"""Roles and where they hold, as forms send them: a row each of `role_id` and `category_id`."""

from autohub.access.model import RoleGrant
from autohub.web.views import Form, is_number


def sent(form: Form) -> list[RoleGrant]:
    """The rows of a form; those without a role are left out."""
    pairs = zip(form.all("role_id"), form.all("category_id"), strict=False)
    return [RoleGrant(int(role), int(place or 0)) for role, place in pairs if is_number(role) and (is_number(place) or not place)]


def plain(grants: list[RoleGrant]) -> list[dict[str, int]]:
    """The same as templates and the services' inputs take them."""
    return [{"role_id": grant.role_id, "category_id": grant.category_id} for grant in grants]
