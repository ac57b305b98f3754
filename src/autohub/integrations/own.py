"""The integrations that settings alone set up: mail, the issuer of access tokens, files."""

from autohub.access.issuer import fetch_json
from autohub.db.engine import Reading
from autohub.integrations.blobs import open_blob_store
from autohub.integrations.mail import MailFailed, open_mailer
from autohub.integrations.outbound import Outbound
from autohub.integrations.outbound_errors import NotReached, OutboundError
from autohub.integrations.registry import Condition, Integration, Surroundings
from autohub.kit.sentences import say
from autohub.kit.text import N_
from autohub.settings import Settings


def _describe_mail(_: Reading, settings: Settings) -> Condition:
    if not settings.smtp_url:
        return Condition("off", "AUTOHUB_SMTP_URL is not set; mails wait until it is.")
    return Condition("on", say("Sender {sender}.", sender=settings.mail_from))


def _test_mail(where: Surroundings) -> None:
    mailer = open_mailer(where.settings)
    if mailer is None:
        raise NotReached("AUTOHUB_SMTP_URL is not set.")
    try:
        mailer.check()
    except MailFailed as error:
        raise NotReached(str(error)) from error


def _describe_issuer(_: Reading, settings: Settings) -> Condition:
    if not settings.oidc_issuer:
        return Condition("off", "AUTOHUB_OIDC_ISSUER is not set.")
    return Condition("on", settings.oidc_issuer)


def _test_issuer(where: Surroundings) -> None:
    issuer = where.settings.oidc_issuer or ""
    outbound = Outbound(where.settings, trusting=issuer)
    try:
        found = fetch_json(outbound)(f"{issuer}/.well-known/openid-configuration")
    finally:
        outbound.close()
    if not isinstance(found, dict) or "jwks_uri" not in found:
        raise OutboundError("What the issuer publishes names no keys (jwks_uri).")


def _describe_files(_: Reading, settings: Settings) -> Condition:
    text = "An S3-compatible store." if settings.blobs else "A folder beside the database."
    return Condition("on", text)


def _test_files(where: Surroundings) -> None:
    settings, tenant_id = where.settings, where.installation.tenant_id
    if open_blob_store(settings.blobs, settings.data_dir / "blobs", tenant_id).owner() not in (
        None,
        tenant_id,
    ):
        raise NotReached("The store of files belongs to another installation.")


MAIL = Integration(
    name="mail",
    title=N_("Mail"),
    about=N_("Invitations, notifications and new passwords go out by SMTP."),
    icon="mail",
    describe=_describe_mail,
    test=_test_mail,
)
ISSUER = Integration(
    name="issuer",
    title=N_("Access tokens of an OpenID Connect issuer"),
    about=N_("Calls of the API are accepted with tokens that another system gives out."),
    icon="lock",
    describe=_describe_issuer,
    test=_test_issuer,
)
FILES = Integration(
    name="files",
    title=N_("Files"),
    about=N_("Where documents and pictures of ideas are kept."),
    icon="folder",
    describe=_describe_files,
    test=_test_files,
)
