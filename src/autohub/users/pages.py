"""The pages on which a person registers: the first one of an installation, and everyone who was invited."""

from collections.abc import Mapping

from autohub.access.authentication import Installation
from autohub.access.sessions import hash_password
from autohub.db.engine import Database
from autohub.invitations import service as invitations
from autohub.kit.clock import now as clock
from autohub.kit.errors import HubError, Invalid
from autohub.kit.jsonbody import convert
from autohub.kit.seal import same, sign
from autohub.settings import Settings
from autohub.users import service
from autohub.users.model import NewUser
from autohub.web.pages import Page, notice, page

FIRST = "first-"


def first_person_link(*, settings: Settings, installation: Installation) -> str:
    """The link with which the first person sets a password; it works until somebody did."""
    return f"{settings.base_url}/register/{FIRST}{sign(installation.secret, 'first person', installation.tenant_id)}"


class Registration:
    """The form behind a link. Both kinds of link carry their own secret, so nobody else can post the form."""

    def __init__(self, database: Database, settings: Settings, installation: Installation) -> None:
        self._database, self._settings, self._installation = database, settings, installation

    def show(self, token: str) -> Page:
        try:
            return self._form(token, {}, {})
        except HubError as error:
            return notice("This link does not work", error.message, status=error.status)

    def submit(self, token: str, fields: Mapping[str, str]) -> Page:
        """Registers the person, or shows the form again with what is wrong; what was typed is kept, but for the password."""
        try:
            self._form(token, {}, {})
        except HubError as error:
            return notice("This link does not work", error.message, status=error.status)
        faults: dict[str, list[str]] = {}
        try:
            password_hash = hash_password(fields.get("password", ""))
        except Invalid as error:
            faults, password_hash = dict(error.details), ""
        try:
            if self._is_first(token):
                self._make_first(fields, faults, password_hash)
            elif faults:
                raise Invalid("", details=faults)
            else:
                secret = self._installation.secret
                self._database.write(lambda db: service.register(db, token, password_hash=password_hash, secret=secret, now=clock()))
        except HubError as error:
            if error.details:
                return self._form(token, fields, error.details)
            return notice("That did not work", error.message, status=error.status)
        return notice("You are registered", "Your account is active. Sign in with your e-mail and the password that you have just chosen.")

    def _make_first(self, fields: Mapping[str, str], faults: dict[str, list[str]], password_hash: str) -> None:
        names = ("user_first_name", "user_last_name", "user_email")
        try:
            row = convert({name: fields.get(name, "") for name in names}, NewUser)
        except Invalid as error:
            raise Invalid(error.message, details=faults | error.details) from None
        if faults:
            raise Invalid("", details=faults)
        self._database.write(lambda db: service.first_person(db, row, password_hash=password_hash, settings=self._settings, now=clock()))

    def _is_first(self, token: str) -> bool:
        return token.startswith(FIRST)

    def _form(self, token: str, values: Mapping[str, str], faults: Mapping[str, list[str]]) -> Page:
        """Raises LinkDead for a link that does not work."""
        status = 400 if faults else 200
        with self._database.reading() as db:
            if self._is_first(token):
                genuine = sign(self._installation.secret, "first person", self._installation.tenant_id)
                if not same(token.removeprefix(FIRST), genuine) or not service.lacks_administrator(db):
                    raise invitations.LinkDead
                return page("register.html", status=status, first=True, values=dict(values), faults=faults)
            row = invitations.behind_link(db, token, secret=self._installation.secret, now=clock())
            shown = {"user_first_name": row.user_first_name, "user_email": row.user_email}
            return page("register.html", status=status, first=False, values=shown, faults=faults)
