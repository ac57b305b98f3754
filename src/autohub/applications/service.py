"""What can be done with the application inventory."""

from collections.abc import Sequence

import msgspec

from autohub.access.model import Caller, actor
from autohub.applications import store
from autohub.applications.model import Application, ApplicationInput
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Invalid, NotFound
from autohub.kit.sentences import say


class UnknownApplication(NotFound):
    def __init__(self, application_id: int) -> None:
        super().__init__(
            say(
                "There is no application {application_id}; GET /appinventory lists them, "
                "null as application_id adds one.",
                application_id=application_id,
            )
        )


def get_application(db: Reading, application_id: int) -> Application:
    """Raises UnknownApplication."""
    found = store.existing_applications(db, [application_id])
    if application_id not in found:
        raise UnknownApplication(application_id)
    return found[application_id]


def save_applications(
    db: Writing, caller: Caller, apps: Sequence[ApplicationInput], *, now: int
) -> list[int]:
    """Adds and changes all of `apps` or none of them; the ids come back in their order. One without
    an id is the one of its name and version, if that is there.

    Raises Invalid naming every element whose category does not exist or that stands twice,
    UnknownApplication.
    """
    apps = [_matched(db, app) for app in apps]
    before = store.existing_applications(
        db, [app.application_id for app in apps if app.application_id is not None]
    )
    there = store.existing_categories(
        db, {category for app in apps for category in app.category_ids}
    )
    faults: dict[str, list[str]] = {}
    seen: set[int] = set()
    for index, app in enumerate(apps):
        if missing := [category for category in app.category_ids if category not in there]:
            faults[f"{index}.categoryIds"] = [
                say(
                    "There is no category {category_id}; GET /hierarchy lists them.",
                    category_id=category,
                )
                for category in missing
            ]
        if app.application_id is not None:
            if app.application_id in seen:
                faults[f"{index}.application_id"] = [
                    say("{value} stands twice.", value=app.application_id)
                ]
            seen.add(app.application_id)
    if faults:
        raise Invalid("Some applications are not right.", details=faults)
    for app in apps:
        if app.application_id is not None and app.application_id not in before:
            raise UnknownApplication(app.application_id)
    ids = []
    for app in apps:
        ids.append(app_id := store.save_application(db, app, now=now))
        old = msgspec.to_builtins(before[app_id]) if app_id in before else None
        after = msgspec.to_builtins(app) | {"application_id": app_id}
        audit.record(
            db,
            actor(caller),
            "change application" if old else "add application",
            "application",
            app_id,
            now=now,
            before=old,
            after=after,
        )
    return ids


def _matched(db: Reading, app: ApplicationInput) -> ApplicationInput:
    if app.application_id is not None:
        return app
    known = store.find_by_name(db, app.application_name, app.application_version)
    if known is None:
        return app
    language = app.application_language or get_application(db, known).application_language
    return msgspec.structs.replace(app, application_id=known, application_language=language)


def find_or_create_application(
    db: Writing,
    caller: Caller,
    name: str,
    version: str,
    language: str,
    category_id: int,
    *,
    comments: str = "",
    is_citrix_client: bool = False,
    now: int,
) -> int:
    """The id of an application that a form names: the one of this name and version, else a new
    one (product 2)."""
    if (known := store.find_by_name(db, name, version)) is not None:
        return known
    app = ApplicationInput(
        application_name=name,
        category_ids=[category_id],
        application_id=None,
        application_version=version,
        application_language=language,
        application_comments=comments,
        application_is_citrix_client=int(is_citrix_client),
    )
    app_id = store.save_application(db, app, now=now, by_end_user=True)
    after = msgspec.to_builtins(app) | {"application_id": app_id}
    audit.record(db, actor(caller), "add application", "application", app_id, now=now, after=after)
    return app_id


class ApplicationInUse(Conflict):
    """Contract 3, DELETE /appinventory: the original's own sentence, kept to the letter."""

    def __init__(self) -> None:
        super().__init__("The application is been used in ideas and/or components.")


def delete_application(db: Writing, caller: Caller, application_id: int, *, now: int) -> None:
    """Raises UnknownApplication, ApplicationInUse."""
    before = store.existing_applications(db, [application_id])
    if not before:
        raise UnknownApplication(application_id)
    if store.is_in_use(db, application_id):
        raise ApplicationInUse
    store.delete_application(db, application_id)
    audit.record(
        db,
        actor(caller),
        "delete application",
        "application",
        application_id,
        now=now,
        before=msgspec.to_builtins(before[application_id]),
    )
