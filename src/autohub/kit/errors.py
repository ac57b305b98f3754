"""What a caller can act on. Every refusal is one of these, or a subclass beside the service that
raises it."""


def flatten(details: dict[str, list[str]]) -> list[str]:
    """The faults of all fields, one after the other."""
    return [text for texts in details.values() for text in texts]


class HubError(Exception):
    """Subclasses say which HTTP status it is; `message` is one sentence that says what would be
    right.

    `details` names every fault by its field, `key` is the contract's localizationKey where it has
    one, `retry_after` is in seconds.
    """

    status = 400
    retry_after: int | None = None

    def __init__(
        self, message: str, *, details: dict[str, list[str]] | None = None, key: str | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.details, self.key = message, details or {}, key

    @property
    def faults(self) -> list[str]:
        """What is wrong, field by field without their names; the message where no field is."""
        return flatten(self.details) or [self.message]


class Invalid(HubError):
    """The request itself is wrong: 400."""


class Unauthenticated(HubError):
    status = 401


class Forbidden(HubError):
    """Contract 1.3: the sentence that clients know."""

    status = 403

    def __init__(
        self,
        message: str = "This user is not permitted to perform this action based on their role.",
    ) -> None:
        super().__init__(message)


class NotFound(HubError):
    status = 404


class WrongMethod(HubError):
    status = 405


class Conflict(HubError):
    status = 409


class TooLarge(HubError):
    status = 413


class WrongMediaType(HubError):
    status = 415


class TooManyRequests(HubError):
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(HubError):
    """The database cannot be reached or is busy; the same call may work in a moment."""

    status = 503
    retry_after = 2
