"""Words that searches find: of scripts without blanks, and with quotes of any shape."""

import pytest
from tests.support.hub import Client, a_user
from tests.support.ideas import hand_in, listed

NAMES = ["月次請求書処理の自動化", "发票自动核对", "ใบแจ้งหนี้", "“Smart” list – O’Brien’s invoices"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("請求", 0),
        ("自動", 0),
        ("書", 0),
        ("核对", 1),
        ("แจ้", 2),
        ("o'brien", 3),
        ("O’BRIEN", 3),
        ('"smart"', 3),
        ("“smart", 3),
        ("li", 3),
    ],
)
def test_they_find_theirs_and_nothing_else(owner: Client, text: str, name: int) -> None:
    ids = [hand_in(owner, process_name=each) for each in NAMES]
    assert listed(owner, f"s={text}") == [ids[name]]
    owner.post("/adduser", a_user(user_last_name="O’Neil", user_location="Łódź"))
    assert len(owner.users("s=o'neil lodz")) == 1


def test_two_letters_of_a_script_with_blanks_begin_a_word(owner: Client) -> None:
    hand_in(owner, process_name=NAMES[3])
    assert listed(owner, "s=st") == []
