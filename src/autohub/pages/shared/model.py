"""The words of lists and forms of ideas."""

from autohub.flows.model import StatusId
from autohub.kit.text import N_

TYPES = {
    1: N_("Employee-driven"),
    2: N_("CoE-driven"),
    3: N_("Citizen development"),
    4: N_("Process mining"),
    5: N_("Task mining"),
    6: N_("Change request"),
    7: N_("Agentic AI"),
    8: N_("Business process"),
}
PRIORITIES = ("High", "Medium", "Low")
REJECTED = frozenset(
    {
        StatusId.IDEA_REJECTED,
        StatusId.QUALIFICATION_REJECTED,
        StatusId.BUSINESS_REVIEW_REJECTED,
        StatusId.TECHNICAL_REVIEW_REJECTED,
    }
)
REASONED = REJECTED | {
    StatusId.BUSINESS_REVIEW_REWORK_REQUIRED,
    StatusId.TECHNICAL_REVIEW_REWORK_REQUIRED,
}
"""Statuses into which people move an idea only with a reason, which its submitter reads."""
NO_PRIORITY = "none"  # what a form says to take it away
