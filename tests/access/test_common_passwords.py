"""What is guessed first is refused, and what a person made up is not."""

import pytest

from autohub.access.common_passwords import find_password_fault

OWN = ("jane.doe@example.com", "Jane", "Doenhoff")


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "0987654321",
        "12345678901",
        "aaaaaaaaaa",
        "          ",
        "abababababab",
        "abcabcabcabc",
        "qwertyuiop",
        "poiuytrewq",
        "Qwertzuiop1",
        "asdfghjkl;",
        "abcdefghij",
        "1q2w3e4r5t",
        "1029384756",
        "q1w2e3r4t5y6",
        "qwertz12345",
        "zxcvbnm,./",
        "drowssap123",
        "motdepasse1",
        "Herbst2026!!",
        "mein passwort",
        "example.com1",
        "Password123",
        "P@ssw0rd2026!",
        "passwordpassword",
        "Welcome2026!",
        "!!!sunshine!!!",
        "iloveyou123",
        "LetMeIn1234",
        "adminadmin1",
        "Sommer2026!!",
        "winterwinter",
        "jane.doe@example.com",
        "JaneDoe2026!",
        "Doenhoff1234",
    ],
)
def test_it_is_refused(password: str) -> None:
    assert find_password_fault(password, OWN)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "long enough for all",
        "demo-01950187dd17cf1d",
        "ein Haus am See, 1998",
        "welcome to the machine",
        "Tr0ub4dor&3x",
        "пароль для Анны",
        "合言葉は山と川である",
        "jane likes blue herons",
    ],
)
def test_it_is_taken(password: str) -> None:
    assert find_password_fault(password, OWN) == ""
