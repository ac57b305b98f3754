"""Points, levels and badges (product 5, leaderboard); the numbers are ours."""

from typing import NamedTuple

from autohub.kit.text import N_

POINTS = {"submitted": 10, "approved": 20, "live": 100, "votes": 1, "comments": 2}
"""What each of a person's ideas brings when it is handed in, once it has left its first phase,
and once it is live; what each vote for one of them brings, and each question or answer of the
person's own."""
LEVELS = (
    (1500, N_("Champion")),
    (500, N_("Innovator")),
    (200, N_("Driver")),
    (50, N_("Contributor")),
    (0, N_("Starter")),
)


class LeaderboardEntry(NamedTuple):
    """One person's figures."""

    user_id: int
    name: str
    business_unit: str | None
    submitted: int
    approved: int
    live: int
    votes: int
    comments: int

    @property
    def points(self) -> int:
        return sum(weight * getattr(self, name) for name, weight in POINTS.items())

    @property
    def level(self) -> str:
        return next(name for least, name in LEVELS if self.points >= least)

    @property
    def badges(self) -> list[str]:
        """In words, to be translated."""
        earned = (
            (self.submitted >= 1, N_("First idea")),
            (self.submitted >= 10, N_("Ten ideas")),
            (self.live >= 1, N_("First robot live")),
            (self.live >= 5, N_("Five robots live")),
            (self.votes >= 25, N_("Crowd favourite")),
            (self.comments >= 10, N_("Good neighbour")),
        )
        return [name for has, name in earned if has]
