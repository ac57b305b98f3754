"""The words of lists and forms of ideas."""

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
NO_PRIORITY = "none"  # what a form says to take it away
