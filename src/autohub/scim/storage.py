"""The directory's view of accounts and groups, written through the services that every other
channel uses."""

from typing import Any, NoReturn

from msgspec import UNSET
from scim2_models import (
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from autohub.access import groups
from autohub.access import store as access
from autohub.access.model import Caller, GroupChange, NewGroup
from autohub.db.engine import Writing
from autohub.kit.errors import Conflict
from autohub.kit.jsonbody import convert
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.scim import store
from autohub.scim.model import (
    ScimError,
    cut,
    describe_group,
    describe_user,
    is_address,
    names_of,
)
from autohub.scim.resources import PROVIDER, EnterpriseUser
from autohub.settings import Settings
from autohub.users import service as users
from autohub.users import store as user_store
from autohub.users.model import NOT_INVITED, NewEmail, UserEdit

UNBOUNDED = 2**31 - 1
"""For a search that says nothing; the service bounds what directories ask for."""


class Storage(ScimStorage):
    """One request's. A search returns resources as they are sent, not as models: that is what a
    hundred of them can be made of in the time that a list may take."""

    def __init__(self, db: Any, caller: Caller, *, settings: Settings, now: int, base: str) -> None:
        self._db, self._caller, self._settings = db, caller, settings
        self._now, self._base = now, base

    # --- reading ---

    def describe(
        self, resource_type: ResourceType, resource_id: str, *, with_members: bool = True
    ) -> dict[str, Any]:
        """A resource as it is sent. Raises NotFoundException."""
        number = int(resource_id) if resource_id.isdecimal() and len(resource_id) < 16 else 0
        is_user = resource_type.name == "User"
        if isinstance(self._db, Writing):
            self._db.lock_row("user_account" if is_user else "user_group", number)
        row = (store.get_user if is_user else store.get_group)(self._db, number)
        if row is None:
            raise NotFoundException(detail=f"There is no {resource_type.name} {resource_id}.")
        if is_user:
            return describe_user(row, self._base)
        members = store.list_members(self._db, [number])[number] if with_members else None
        return describe_group(row, members, self._base)

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        wanted = response_parameters
        leaves_members_out = wanted is not None and any(
            str(path).lower() == "members" for path in wanted.excluded_attributes or ()
        )
        found = self.describe(resource_type, resource_id, with_members=not leaves_members_out)
        return _to_resource(resource_type, found)

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        if len(resource_types) > 1:
            raise ScimError("Search /Users or /Groups, one at a time.", status=501)
        is_user = resource_types[0].name == "User"
        known = store.USERS if is_user else store.GROUPS
        asked = search_request
        search = store.Search(
            limit=max(asked.count, 0) if asked.count is not None else UNBOUNDED,
            offset=max(asked.start_index or 1, 1) - 1,
        )
        if asked.filter is not None:
            search = search._replace(where=store.condition(asked.filter.ast, known))
        if asked.sort_by is not None:
            down = asked.sort_order == SearchRequest.SortOrder.descending
            search = search._replace(sort=(store.sort_key(asked.sort_by, known), down))
        if is_user:
            people, total = store.find_users(self._db, search)
            return _page(total, [describe_user(row, self._base) for row in people])
        found, total = store.find_groups(self._db, search)
        left_out = {str(path).lower() for path in asked.excluded_attributes or ()}
        members: dict[int, list[int]] = {}
        if "members" not in left_out:
            members = store.list_members(self._db, [row.group_id for row in found])
        return _page(
            total, [describe_group(row, members.get(row.group_id), self._base) for row in found]
        )

    # --- writing ---

    def create(self, resource_type: ResourceType, resource: Any) -> Resource[Any]:
        if resource_type.name == "User":
            made = self._create_user(resource)
        else:
            made = self._create_group(resource)
        return self.get(resource_type, str(made))

    def update(
        self,
        resource_type: ResourceType,
        resource: Any,
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        before = self.describe(resource_type, resource.id)
        _check_version(before, expected_version)
        if resource_type.name == "User":
            self._update_user(before, resource)
        else:
            self._update_group(before, resource)
        return self.get(resource_type, resource.id)

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        before = self.describe(resource_type, resource_id)
        _check_version(before, expected_version)
        if resource_type.name == "User":
            users.trash_user(self._db, self._caller, int(resource_id), now=self._now)
        else:
            groups.delete_group(self._db, self._caller, int(resource_id), now=self._now)

    # --- people ---

    def _create_user(self, sent: Any) -> int:
        """A new account; one in the trash with this name or address comes back instead."""
        email = _address_of(sent) or _refuse_address(sent.user_name)
        account = user_store.load_accounts_by_email(self._db, [email_key(email)], lock=True)
        there = account.get(email_key(email))
        named = store.find_named(self._db, sent.user_name)
        if (named is not None and not named[1]) or (there is not None and not there.is_trashed):
            raise _taken(sent.user_name)
        back = there.user_id if there else named[0] if named else None
        if back is None:
            row = self._row(sent, email, is_new=True)
            made = users.add_user(
                self._db, self._caller, row, settings=self._settings, now=self._now
            )
            self._keep(made.user_id, sent, email, None)
            return made.user_id
        users.restore_user(self._db, self._caller, back, now=self._now)
        found = store.get_user(self._db, back)
        self._update_user(describe_user(found, self._base), sent)
        return back

    def _update_user(self, before: dict[str, Any], sent: Any) -> None:
        user_id, former = int(before["id"]), before["emails"][0]["value"]
        email = _changed_address(before, sent)
        if email != former:
            email = convert({"user_email": email}, NewEmail).user_email
            users.change_email(self._db, self._caller, user_id, email, now=self._now)
        was_inactive = not before["active"]
        row = self._row(sent, email, is_new=False)
        if was_inactive and row.user_is_active == 1:
            row.user_invite_status = NOT_INVITED  # without effect on a person who registered
        users.edit_user(self._db, self._caller, row, settings=self._settings, now=self._now)
        self._keep(user_id, sent, email, before)

    def _row(self, sent: Any, email: str, *, is_new: bool) -> UserEdit:
        """What an account keeps of a resource."""
        name, more = sent.name, sent[EnterpriseUser]
        first, last = names_of(
            name.given_name if name else None,
            name.family_name if name else None,
            sent.display_name,
            email,
        )
        places = [place.locality for place in sent.addresses or () if place.locality]
        active = sent.active if sent.active is not None else True if is_new else None
        return UserEdit(
            user_email=email,
            user_first_name=first,
            user_last_name=last,
            user_job_title=cut(sent.title),
            user_department=cut(more.department if more else None),
            user_business_unit=cut(more.division if more else None),
            user_location=cut(places[0] if places else None),
            user_is_active=UNSET if active is None else int(active),
        )

    def _keep(self, user_id: int, sent: Any, email: str, before: dict[str, Any] | None) -> None:
        """Keeps what an account has no place for, where it changed."""
        is_named_alike = email_key(sent.user_name) == email_key(email)
        wanted = {
            "external_id": sent.external_id or None,
            "user_name": None if is_named_alike else sent.user_name,
            "display_name": sent.display_name or None,
        }
        kept = dict.fromkeys(wanted)
        if before is not None:
            named = before["userName"]
            kept = {
                "external_id": before.get("externalId"),
                "user_name": named if named != before["emails"][0]["value"] else None,
                "display_name": before.get("displayName"),
            }
        if wanted == kept:
            return
        holder = store.find_named(self._db, sent.user_name)
        if holder is not None and holder[0] != user_id:
            raise _taken(sent.user_name)
        store.save_user(self._db, user_id, wanted, now=self._now)

    # --- groups ---

    def _create_group(self, sent: Any) -> int:
        name = convert({"group_name": sent.display_name}, GroupChange).group_name
        assert isinstance(name, str)
        try:
            made = groups.create_group(
                self._db,
                self._caller,
                NewGroup(group_name=name, members=sorted(self._members(sent))),
                now=self._now,
            )
        except Conflict as error:
            raise UniquenessException(detail=error.message) from None
        group_id: int = made["group_id"]
        if sent.external_id:
            access.save_group(self._db, group_id, {"external_id": sent.external_id})
        return group_id

    def _members(self, sent: Any) -> set[int]:
        """The ids of a group's people. What is the id of nobody is left out, as the answer shows:
        one person whom the hub lost would else keep all others out."""
        ids = {str(member.value or "") for member in sent.members or ()}
        numbers = [int(text) for text in ids if text.isdecimal() and len(text) < 16]
        return access.existing_users(self._db, numbers)

    def _update_group(self, before: dict[str, Any], sent: Any) -> None:
        group_id = int(before["id"])
        if sent.display_name != before["displayName"]:
            change = convert({"group_name": sent.display_name}, GroupChange)
            groups.update_group(self._db, self._caller, group_id, change, now=self._now)
        if (sent.external_id or None) != before.get("externalId"):
            kept = {"external_id": sent.external_id or None, "updated_epoch": self._now}
            access.save_group(self._db, group_id, kept)
        there, wanted = {int(m["value"]) for m in before["members"]}, self._members(sent)
        if there != wanted:
            groups.change_members(
                self._db,
                self._caller,
                group_id,
                join=wanted - there,
                leave=there - wanted,
                now=self._now,
            )


def _taken(name: str) -> UniquenessException:
    return UniquenessException(detail=say("There is a user named {name} already.", name=name))


def _page(total: int, found: list[dict[str, Any]]) -> SearchPage:
    rows: list[Any] = found
    return SearchPage(total, rows)


def _to_resource(resource_type: ResourceType, found: dict[str, Any]) -> Resource[Any]:
    """The model of a resource as it is sent; the library says where it is."""
    model: Any = PROVIDER.model_for(resource_type)
    meta = {name: value for name, value in found["meta"].items() if name != "location"}
    made: Resource[Any] = model.model_validate(found | {"meta": meta})
    return made


def _check_version(before: dict[str, Any], expected: str | None) -> None:
    if expected is not None and expected != before["meta"]["version"]:
        raise PreconditionFailedException


def _address_of(sent: Any) -> str | None:
    """The address that a resource names: the one that is primary, for work, or first; else the
    user's name where that is one."""
    emails = [email for email in sent.emails or () if email.value]
    emails.sort(key=lambda email: (not email.primary, email.type != "work"))
    found: str | None = emails[0].value.strip() if emails else sent.user_name
    return found if is_address(found) else None


def _changed_address(before: dict[str, Any], sent: Any) -> str:
    """The address after an update: the emails' when they changed, else the user's name when it
    was the address until now and changed."""
    former: str = before["emails"][0]["value"]
    emails = {email.value for email in sent.emails or () if email.value}
    if emails - {former}:
        return _address_of(sent) or _refuse_address(sent.user_name)
    if sent.user_name != before["userName"] == former and is_address(sent.user_name):
        return str(sent.user_name)
    return former


def _refuse_address(name: str | None) -> NoReturn:
    raise ScimError(
        say(
            "“{name}” is no e-mail address of at most 64 characters: send one as userName, or in "
            "emails.",
            name=name or "",
        ),
        status=400,
        scim_type="invalidValue",
    )
