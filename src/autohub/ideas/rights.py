"""Who may do what on one idea (contract 1.3, product 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autohub.access import store as access
from autohub.access.model import Caller, Right, covers
from autohub.db.engine import Reading, Writing
from autohub.ideas import store
from autohub.ideas.model import Idea
from autohub.kit.errors import Forbidden, NotFound
from autohub.kit.sentences import say

Part = Literal["about", "cba", "documentation", "components", "collaborators"]
PARTS: tuple[Part, ...] = ("about", "cba", "documentation", "components", "collaborators")
"""The parts of an idea for which a collaborator may be given the right to edit (product 1)."""
IDEA_PHASE = 1


@dataclass
class AuthorizedIdea:
    """One idea as a caller holds it: visible to them, with the chain of its category and its
    phase. A door finds it once for each transaction and hands it to every service that it calls;
    whoever files or moves the idea keeps all three true."""

    idea: Idea
    chain: list[int]
    phase_id: int


def find_idea(db: Reading, caller: Caller, process_id: int) -> AuthorizedIdea:
    """The idea; in a transaction that writes nobody else changes it until that ends. Raises
    NotFound when there is none, and just so when it is outside what the caller may see."""
    idea = (
        store.load_ideas(db, [process_id]).get(process_id)
        if store.can_see(db, caller, process_id, lock=isinstance(db, Writing))
        else None
    )
    if idea is None:
        raise NotFound(say("There is no idea {process_id}.", process_id=process_id))
    chain = access.category_chains(db, [idea.category_id])[idea.category_id]
    return AuthorizedIdea(idea, chain, store.get_phase_of_status(db, idea.phase_status_id))


def is_assigned(caller: Caller, idea: Idea) -> bool:
    """Whether the caller is assigned to the idea in any way."""
    mine = caller.user_id
    return mine is not None and (
        mine in (idea.owner_user_id, idea.submitter_user_id)
        or any(user_id == mine for user_id, _ in idea.seats)
    )


def may_on_idea(caller: Caller, right: Right, held: AuthorizedIdea) -> bool:
    """Whether a role gives the right here: on the idea's category, or, where it holds only when
    assigned, by a seat on the idea."""
    if covers(caller.reach(right), held.chain):
        return True
    return is_assigned(caller, held.idea) and covers(caller.assigned_reach(right), held.chain)


def may_edit(db: Reading, caller: Caller, held: AuthorizedIdea, part: Part) -> bool:
    """Whether the caller may change this part: by role, as the process owner, as the submitter
    until the idea leaves its first phase (about and documentation), or as a collaborator who was
    given the part."""
    if may_on_idea(caller, Right.EDIT_ANY_IDEA, held):
        return True
    if caller.user_id is None:
        return False
    if caller.user_id == held.idea.owner_user_id:
        return True
    if (
        caller.user_id == held.idea.submitter_user_id
        and held.phase_id == IDEA_PHASE
        and part in ("about", "documentation")
    ):
        return True
    return part in store.list_edit_parts(db, held.idea.process_id, caller.user_id)


def need_edit(db: Reading, caller: Caller, held: AuthorizedIdea, part: Part) -> None:
    """Raises Forbidden."""
    if not may_edit(db, caller, held, part):
        raise Forbidden


def may_name_owner(caller: Caller, held: AuthorizedIdea) -> bool:
    """Whether the caller may make somebody the process owner, who may change all parts: by role,
    as the owner, or as the submitter until the idea leaves its first phase."""
    if may_on_idea(caller, Right.EDIT_ANY_IDEA, held):
        return True
    mine = caller.user_id
    return mine is not None and (
        mine == held.idea.owner_user_id
        or (mine == held.idea.submitter_user_id and held.phase_id == IDEA_PHASE)
    )


def find_access_fault(
    db: Reading, user_id: int, email: str, chain: Sequence[int], idea: Idea | None = None
) -> str:
    """Why a person cannot be named on an idea that is filed under `chain`: no role of theirs
    reaches it. '' if they can, or have a part in `idea` already."""
    if idea is not None and (
        user_id in (idea.owner_user_id, idea.submitter_user_id)
        or any(seat[0] == user_id for seat in idea.seats)
    ):
        return ""
    grants, _ = access.list_grants(db, user_id)
    person = Caller(kind="person", user_id=user_id, grants=tuple(grants))
    if covers(person.reach(Right.VIEW_IDEA), chain):
        return ""
    return say("{user_email} has no access to the idea's category.", user_email=email)
