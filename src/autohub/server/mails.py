"""What the hub's mails say, in the language and the time of the person who gets them."""

from collections.abc import Callable
from typing import NamedTuple

from autohub.access import store as access
from autohub.db.engine import Reading
from autohub.db.outbox import Job
from autohub.ideas import store as ideas
from autohub.ideas.model import slug_of
from autohub.invitations import service as invitations
from autohub.invitations import store as invitation_store
from autohub.kit.clock import DAY
from autohub.notifications import store as notices
from autohub.notifications.model import ACCOUNT_WORDS, WORDS
from autohub.settings import Settings
from autohub.users import passwords as account
from autohub.web.reader import Reader, reader_for


class Mail(NamedTuple):
    to: str
    subject: str
    text: str


class MailContext(NamedTuple):
    """What a mail is written from: where the hub is, what signs its links, and the moment."""

    settings: Settings
    secret: str
    now: int


def write_mail(db: Reading, job: Job, post: MailContext) -> Mail | None:
    """The mail that a job of the outbox asks for; None when it has no point any more."""
    return WRITERS[job.kind](db, job, post)


def _reader(db: Reading, user_id: int, post: MailContext) -> Reader:
    locale, zone = notices.get_reader(db, user_id) or (post.settings.locale, "")
    return reader_for(locale, zone)


def _open_letter(reader: Reader, first_name: str, *paragraphs: str) -> str:
    hello = reader("Hello {name},").format(name=first_name)
    return "\n\n".join(part for part in (hello, *paragraphs) if part) + "\n"


def _write_invitation(db: Reading, job: Job, post: MailContext) -> Mail | None:
    row = invitation_store.get_invitation(db, job.payload["invitation_id"])
    if row is None or invitations.state_of(row, post.now) != "open" or not row.user_email:
        return None
    reader, organisation = _reader(db, row.user_id, post), post.settings.organisation
    invited = reader(
        "{organisation} collects ideas for automation in its automation hub, and you are invited "
        "to take part."
    )
    choose = reader("Choose your password here; the link works once, until {until}:")
    text = _open_letter(
        reader,
        row.user_first_name,
        invited.format(organisation=organisation),
        choose.format(until=reader.day(row.expires_epoch)),
        invitations.build_link(
            row.invitation_id, row.created_epoch, settings=post.settings, secret=post.secret
        ),
        reader("If you did not expect this mail, you can ignore it."),
    )
    subject = reader("{organisation} invites you to its automation hub").format(
        organisation=organisation
    )
    return Mail(row.user_email, subject, text)


def _write_reset(db: Reading, job: Job, post: MailContext) -> Mail | None:
    user_id, expires = job.user_id or 0, job.payload["expires"]
    found = account.reset_link(
        db, user_id, expires, settings=post.settings, secret=post.secret, now=post.now
    )
    if found is None:
        return None
    person, link = found
    reader = _reader(db, user_id, post)
    choose = reader("Choose it here; the link works once, until {until} ({zone}):")
    text = _open_letter(
        reader,
        person.user_first_name,
        reader(
            "You, or somebody who typed your address, asked for a new password for the automation "
            "hub."
        ),
        choose.format(until=reader.moment(expires), zone=reader.zone.key),
        link,
        reader("If this was not you, do nothing: your password stays as it is."),
    )
    return Mail(person.user_email, reader("Choose a new password"), text)


def _write_account_mail(db: Reading, job: Job, post: MailContext) -> Mail | None:
    """About the person's own account; None when the person is erased."""
    user_id, what = job.user_id or 0, job.payload["what"]
    row = notices.get_account_facts(db, user_id, former=job.payload["to_former"])
    if row is None or what not in ACCOUNT_WORDS:
        return None
    reader = _reader(db, user_id, post)
    subject, text = map(reader, ACCOUNT_WORDS[what])
    said = text.format(link=f"{post.settings.base_url}/sign-in")
    return Mail(row.user_email, subject, _open_letter(reader, row.user_first_name, said))


def _write_notice(db: Reading, job: Job, post: MailContext) -> Mail | None:
    """About an idea; None when the person left, may not see the idea any more, or it is gone."""
    user_id, process_id = job.user_id or 0, job.payload["process_id"]
    reads = access.load_caller(db, user_id, door="mail")
    if reads is None or not ideas.can_see(db, reads, process_id):
        return None
    row, words = notices.get_mail_facts(db, user_id, process_id), WORDS.get(job.payload["notice"])
    if row is None or words is None:
        return None
    reader = _reader(db, user_id, post)
    facts = {
        "idea": row.process_name,
        "status": f"{reader(row.phase_name)} – {reader(row.phase_status_name)}",
    }
    text = _open_letter(
        reader,
        row.user_first_name,
        reader(words.text).format(**facts),
        job.payload["reason"] or "",
        f"{post.settings.base_url}/automation-profile/{slug_of(row.process_name, process_id)}",
    )
    return Mail(row.user_email, " ".join(reader(words.subject).format(**facts).split()), text)


WRITERS: dict[str, Callable[[Reading, Job, MailContext], Mail | None]] = {
    invitation_store.MAIL: _write_invitation,
    account.MAIL: _write_reset,
    notices.KIND: _write_notice,
    notices.ACCOUNT_KIND: _write_account_mail,
}
"""Who writes the mail of each kind of job."""
NEWS, NEWS_LIFE = (notices.KIND,), DAY
"""Mails that say what is in the pages too, and for how long they are worth sending."""
