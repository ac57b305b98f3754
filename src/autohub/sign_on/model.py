"""Who vouches for people, and what they say of one."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from autohub.access.model import Flag

BACK = "/sign-in/back"
"""Where providers send browsers back to."""
Text = Annotated[str, Meta(min_length=1, max_length=300)]


class Provider(msgspec.Struct, kw_only=True):
    """A system that signs people on. `trusts_emails` 1: its addresses are checked, though it does
    not say so in each token (Entra ID)."""

    provider_id: int
    provider_name: str
    issuer: str
    client_id: str
    sealed_client_secret: str | None
    group_claim: str | None
    trusts_emails: int
    provider_is_active: int


class ProviderInput(msgspec.Struct, kw_only=True):
    """What an Account Owner sets up; an empty secret leaves the stored one."""

    provider_name: Annotated[str, Meta(min_length=1, max_length=50)]
    issuer: Annotated[
        str,
        Meta(
            max_length=300,
            pattern=r"^https?://[^\s?#]+$",
            extra={"says": "must be the issuer's address, as its discovery document has it."},
        ),
    ]
    client_id: Text
    client_secret: Annotated[str, Meta(max_length=500)] = ""
    group_claim: Annotated[str, Meta(max_length=100)] = ""
    trusts_emails: Flag = 0
    provider_is_active: Flag = 1


class Attempt(msgspec.Struct, kw_only=True):
    """What a browser keeps, sealed, while its person is at the provider."""

    provider_id: int
    state: str
    nonce: str
    verifier: str
    next: str
    until: int


class Person(msgspec.Struct, kw_only=True):
    """Whom a provider vouches for. `email` only where it is checked; `groups` None where the token
    does not hold them all."""

    issuer: str
    subject: str
    email: str | None
    groups: list[str] | None


def read_person(claims: dict[str, Any], provider: Provider) -> Person:
    """What checked claims say of a person."""
    email = claims.get("email")
    is_checked = claims.get("email_verified") is True or (
        provider.trusts_emails and "email_verified" not in claims
    )
    return Person(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        email=email if is_checked and isinstance(email, str) else None,
        groups=_read_groups(claims, provider.group_claim),
    )


def _read_groups(claims: dict[str, Any], name: str | None) -> list[str] | None:
    """None for no such claim, or one that was too long for the token (Entra's overage)."""
    elsewhere = claims.get("_claim_names")
    is_elsewhere = isinstance(elsewhere, dict) and name in elsewhere
    found = claims.get(name) if name else None
    if not isinstance(found, list) or is_elsewhere or claims.get("hasgroups"):
        return None
    return [group for group in found if isinstance(group, str)]
