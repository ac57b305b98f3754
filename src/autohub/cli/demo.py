"""`autohub demo`."""

import click

from autohub.cli.common import hub, note
from autohub.demo.people import DOMAIN, PERSONAS, fill_people


@click.command()
@click.option(
    "--users",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="How many people.",
)
@click.option(
    "--ideas",
    type=click.IntRange(0, 100_000),
    default=150,
    show_default=True,
    help="How many ideas.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="The same seed gives the same people and ideas.",
)
@click.pass_context
def demo(context: click.Context, users: int, ideas: int, seed: int) -> None:
    """Fill an empty hub with a sample organisation; a hub that has people stays as it is."""
    with hub(context) as (database, settings, _):
        made = fill_people(database, settings, users=users, ideas=ideas, seed=seed)
    if not made:
        note(
            "There are people already, so nothing was changed. `autohub --data-dir FOLDER demo` "
            "fills another hub."
        )
        return
    note(
        f"{made.people} people and {made.ideas} ideas are there. The Account Owner is "
        f"{made.owner}, with the password: {made.password}"
    )
    others = ", ".join(f"{address}@{DOMAIN}" for address, *_ in PERSONAS[: users - 1])
    if others:
        note(f"The same password opens the hub as others see it: {others}.")
