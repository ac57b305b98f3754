"""Every setting of the hub: its name, what it means, what is right, and where its value comes
from."""

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from autohub.kit.values import (
    read_address,
    read_count,
    read_count_or_none,
    read_file,
    read_hosts,
    read_log_format,
    read_mcp,
    read_networks,
    read_seconds,
    read_secret,
    read_segment,
    read_sender,
    read_some_text,
    read_token,
    read_words,
)

MEGABYTE = 1024 * 1024


class WrongSetting(Exception):
    """One sentence that names the setting and says what is right."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The checked values; times are in seconds, sizes in megabytes."""

    data_dir: Path
    database_url: str
    base_url: str
    organisation: str
    tenant: str
    secret: str | None
    previous_secrets: tuple[str, ...]
    smtp_url: str | None
    mail_from: str
    locale: str
    oidc_issuer: str | None
    oidc_audience: str | None
    access_token_seconds: int
    session_hours: int
    session_idle_minutes: int
    second_factor_roles: tuple[str, ...]
    invitation_days: int
    idempotency_hours: int
    audit_days: int
    keep_days: int
    body_limit_mb: int
    import_limit_mb: int
    rate_limit_per_minute: int
    sign_in_limit_per_minute: int
    trusted_proxies: tuple[str, ...]
    metrics_token: str | None
    client_timeout_seconds: float
    worker_seconds: float
    log_format: str
    document_limit_mb: int
    blobs: str | None
    mcp: str
    outbound_allow: tuple[str, ...]
    outbound_proxy: str | None
    outbound_ca_file: Path | None


class SettingInfo(msgspec.Struct, frozen=True):
    """One setting as documentation and `config check` show it. The variable is AUTOHUB_ and the
    name in capitals."""

    name: str
    doc: str
    default: str | None
    read: Callable[[str], Any]
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"AUTOHUB_{self.name.upper()}"


def _database(value: str) -> str:
    from autohub.db.connections import (
        database_url,  # imports SQLAlchemy, which `--help` does not need
    )

    database_url(value)
    return value


def _locale(value: str) -> str:
    from autohub.kit.locales import known_locale  # imports Babel, which `--help` does not need

    if known_locale(value.strip()) is None:
        raise ValueError("must be a locale such as en-GB or de-DE")
    return value.strip()


KNOWN = (
    SettingInfo(
        "data_dir",
        "The folder that holds the SQLite database and everything else that must survive.",
        "data",
        read=Path,
    ),
    SettingInfo(
        "database_url",
        "`sqlite:///…` or `postgresql://…`; SQLite in the data folder unless given.",
        None,
        read=_database,
        secret=True,
    ),
    SettingInfo(
        "base_url",
        "The address at which people and clients reach the hub.",
        "http://127.0.0.1:8000",
        read=read_address("https", "http"),
    ),
    SettingInfo(
        "organisation",
        "The organisation's name in `/{org}/{tenant}/automationhub_`.",
        "acme",
        read=read_segment,
    ),
    SettingInfo(
        "tenant", "The tenant's name in the same address.", "DefaultTenant", read=read_segment
    ),
    SettingInfo(
        "secret",
        "Signs links, app keys and access tokens, and seals what is secret of others; made at the "
        "first start and kept in the database unless given.",
        None,
        read=read_secret,
        secret=True,
    ),
    SettingInfo(
        "previous_secrets",
        "Secrets before AUTOHUB_SECRET, separated by commas: they sign nothing more, but what was "
        "made under them goes on until `autohub secret rotate`.",
        "",
        read=read_words,
        secret=True,
    ),
    SettingInfo(
        "smtp_url",
        "`smtp://user:password@host:587`, `smtps://…`; no mail is sent unless given, and none is "
        "lost.",
        None,
        read=read_address("smtp", "smtps"),
        secret=True,
    ),
    SettingInfo("mail_from", "The sender of mails.", "autohub@localhost", read=read_sender),
    SettingInfo(
        "locale",
        "Language and formats where a person's own are not known yet, such as in an invitation.",
        "en-GB",
        read=_locale,
    ),
    SettingInfo(
        "oidc_issuer",
        "An OpenID Connect issuer whose access tokens are accepted, when they say "
        '`"email_verified": true`.',
        None,
        read=read_address("https", "http"),
    ),
    SettingInfo(
        "oidc_audience", "The audience that such a token must name.", None, read=read_some_text
    ),
    SettingInfo(
        "access_token_seconds", "How long a sign-in's access token lives.", "3600", read=read_count
    ),
    SettingInfo(
        "session_hours",
        "How long a person stays signed in to the pages at most.",
        "168",
        read=read_count,
    ),
    SettingInfo(
        "second_factor_roles",
        "Keys of roles, separated by commas, whose people sign in with a second factor "
        "(`ah-account-owner,ah-system-admin`; GET /roles names them); `*` is everybody.",
        "",
        read=read_words,
    ),
    SettingInfo(
        "session_idle_minutes",
        "After how many minutes without a page or call a session ends.",
        "1440",
        read=read_count,
    ),
    SettingInfo("invitation_days", "How long an invitation's link works.", "14", read=read_count),
    SettingInfo(
        "idempotency_hours",
        "How long the answer to an Idempotency-Key is kept.",
        "24",
        read=read_count,
    ),
    SettingInfo(
        "audit_days",
        "For how many days the audit's entries are kept; 0 keeps them for good.",
        "0",
        read=read_count_or_none,
    ),
    SettingInfo(
        "keep_days",
        "For how many days what is done with is kept: mails that went out, sessions that ended, "
        "what people were told in the hub, and files of imports with their reports.",
        "180",
        read=read_count,
    ),
    SettingInfo(
        "body_limit_mb", "The largest body of an ordinary call, in megabytes.", "1", read=read_count
    ),
    SettingInfo(
        "import_limit_mb",
        "The largest body of a bulk call or an import, in megabytes.",
        "256",
        read=read_count,
    ),
    SettingInfo(
        "document_limit_mb",
        "The largest body that brings a document or a medium, in megabytes.",
        "300",
        read=read_count,
    ),
    SettingInfo(
        "blobs",
        "`s3://bucket/prefix` keeps files in an S3-compatible store (AWS_* variables tell the "
        "rest); a folder unless given.",
        None,
        read=read_address("s3"),
    ),
    SettingInfo(
        "rate_limit_per_minute",
        "Calls a minute that one caller may make of one server process.",
        "600000",
        read=read_count,
    ),
    SettingInfo(
        "sign_in_limit_per_minute",
        "Sign-ins a minute that one address may try.",
        "10",
        read=read_count,
    ),
    SettingInfo(
        "trusted_proxies",
        "Addresses or networks of proxies in front, separated by commas; only what they say in "
        "X-Forwarded-For of who calls is believed. Without it every person behind a proxy is one "
        "to the limits of sign-ins.",
        "",
        read=read_networks,
    ),
    SettingInfo(
        "metrics_token",
        "What `/metrics` asks for (Authorization: Bearer …); everybody who reaches the port may "
        "read it unless given.",
        None,
        read=read_token,
        secret=True,
    ),
    SettingInfo(
        "client_timeout_seconds",
        "How long a client may take nothing of its answer, or send nothing of its body.",
        "60",
        read=read_seconds,
    ),
    SettingInfo(
        "worker_seconds",
        "How often the worker looks for mails and jobs, in seconds.",
        "1",
        read=read_seconds,
    ),
    SettingInfo(
        "outbound_allow",
        "Hosts (`crm.intern`, or `.intern` for all below), addresses and networks inside, to which "
        "webhooks and other integrations may be sent, separated by commas; without it only to the "
        "public internet, and by https alone.",
        "",
        read=read_hosts,
    ),
    SettingInfo(
        "outbound_proxy",
        "`http://user:password@proxy:3128`, through which integrations reach the internet; what "
        "`AUTOHUB_OUTBOUND_ALLOW` names is reached directly.",
        None,
        read=read_address("http", "https"),
        secret=True,
    ),
    SettingInfo(
        "outbound_ca_file",
        "A PEM file of certificate authorities to trust instead of the system's, for mail too.",
        None,
        read=read_file,
    ),
    SettingInfo(
        "mcp",
        "What assistants may do at `/mcp`, with the token of a person and no more than that person "
        "may: `read`, `write` (drafts and comments too), or `off`.",
        "read",
        read=read_mcp,
    ),
    SettingInfo(
        "log_format",
        "`text`, or `json`: one JSON object a line, and a line for each request.",
        "text",
        read=read_log_format,
    ),
)


class SettingSource(msgspec.Struct):
    """Where one setting's value came from, and what is wrong with it (None: nothing)."""

    setting: SettingInfo
    value: Any
    origin: str
    fault: str | None = None


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings in force. Raises WrongSetting for the first value that is not right."""
    sources = inspect(environment, **overrides)
    for source in sources:
        if source.fault:
            raise WrongSetting(f"{source.setting.variable} ({source.origin}) {source.fault}.")
    values = {source.setting.name: source.value for source in sources}
    if bool(values["oidc_issuer"]) != bool(values["oidc_audience"]):
        raise WrongSetting(
            "AUTOHUB_OIDC_ISSUER and AUTOHUB_OIDC_AUDIENCE go together: set both or neither."
        )
    if values["database_url"] is None:
        values["database_url"] = f"sqlite:///{(values['data_dir'] / 'autohub.db').absolute()}"
    return Settings(**values)


def inspect(environment: Mapping[str, str] | None = None, **overrides: Any) -> list[SettingSource]:
    """Every setting with its value, its origin and its fault.

    A command's option wins over the environment, that over AUTOHUB_<NAME>_FILE (a file that holds
    the value, for secrets), that over the TOML file (AUTOHUB_CONFIG, or autohub.toml in the current
    folder), that over the default.
    """
    env = os.environ if environment is None else environment
    table, path, broken = _toml(env)
    found = [_source(known, env, table, path, overrides) for known in KNOWN]
    if broken:
        file = SettingInfo("config", "The file of settings.", None, read=read_some_text)
        found.insert(0, SettingSource(setting=file, value=None, origin="environment", fault=broken))
    known_names = {known.name for known in KNOWN}
    for name in sorted(set(table) - known_names):
        found.append(
            SettingSource(
                setting=SettingInfo(name, "", None, read=read_some_text),
                value=None,
                origin=path,
                fault="is no setting of autohub; see docs/administer.md for their names",
            )
        )
    for variable in sorted(env):
        name = variable.removeprefix("AUTOHUB_").lower()
        if (
            variable.startswith("AUTOHUB_")
            and name not in known_names
            and name.removesuffix("_file") not in known_names
            and name != "config"
        ):
            found.append(
                SettingSource(
                    setting=SettingInfo(name, "", None, read=read_some_text),
                    value=None,
                    origin="environment",
                    fault="is no setting of autohub; see docs/administer.md for their names",
                )
            )
    return found


def is_given(name: str) -> bool:
    """Whether anything says what this setting is, or its default holds."""
    return any(source.setting.name == name and source.origin != "default" for source in inspect())


def _toml(env: Mapping[str, str]) -> tuple[dict[str, Any], str, str | None]:
    named = env.get("AUTOHUB_CONFIG")
    path = Path(named or "autohub.toml")
    if not path.exists():
        return (
            {},
            str(path),
            f"names {path}, which is not there" if named else None,
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), str(path), None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, str(path), f"names {path}, which is not valid TOML: {error}"


def _source(
    known: SettingInfo,
    env: Mapping[str, str],
    table: Mapping[str, Any],
    path: str,
    overrides: Mapping[str, Any],
) -> SettingSource:
    file_variable = f"{known.variable}_FILE"
    text: Any
    if overrides.get(known.name) is not None:
        text, origin = overrides[known.name], "command line"
    elif known.variable in env:
        text, origin = env[known.variable], "environment"
    elif file_variable in env:
        origin = f"file {env[file_variable]}"
        try:
            text = Path(env[file_variable]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return SettingSource(
                setting=known, value=None, origin=origin, fault=f"cannot be read: {error}"
            )
    elif known.name in table:
        text, origin = table[known.name], path
    elif known.default is None:
        return SettingSource(known, None, "default")
    else:
        text, origin = known.default, "default"
    try:
        return SettingSource(known, known.read(str(text)), origin)
    except ValueError as error:
        return SettingSource(setting=known, value=None, origin=origin, fault=str(error))
