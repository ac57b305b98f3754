"""Lists of the pipeline that people keep under names of their own."""

from tests.support.hub import Client, TestHub
from tests.support.pages import Visitor, visitor


def test_a_view_is_saved_under_a_name_of_ones_own_and_forgotten_again(
    hub: TestHub, owner: Client
) -> None:
    reader, other = Visitor(hub, owner.user_id), visitor(hub, (2, 0))
    reader.post("/pipeline/views?view=review&sort=-age", {"view_name": "Mine"})
    assert 'href="/pipeline?view=review&amp;sort=-age"' in reader.get("/pipeline").html
    assert "Mine" not in other.get("/pipeline").text
    reader.post("/pipeline/views/delete", {"view_name": "Mine"})
    assert "is gone" in reader.get("/pipeline").text and "Mine" not in reader.get("/pipeline").text
    evil = reader.post(
        "/pipeline/views?s=b%0d%0aLocation:+https://evil.example", {"view_name": "x"}
    )
    assert evil.status == 400 or evil.location.startswith("/pipeline?s=b%0D%0A")


def test_one_with_too_many_filters_or_no_name_is_refused_and_says_why(
    hub: TestHub, owner: Client
) -> None:
    reader = Visitor(hub, owner.user_id)
    long = "&".join(f"bu=unit-{n:010}" for n in range(120))
    refused = reader.post(f"/pipeline/views?{long}", {"view_name": "Mine"})
    assert refused.status == 400 and "it has too many filters" in refused.text
    refused = reader.post("/pipeline/views", {"view_name": ""})
    assert refused.status == 400 and "must have 1 to 50 characters" in refused.text
