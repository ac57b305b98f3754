"""Passwords are compared in the same time for whoever is asked about, and cost nothing before."""

import subprocess
import sys

import argon2
import pytest

from autohub.access import sessions


def test_importing_hashes_no_password() -> None:
    """A hash takes a second on a small machine, and every command would wait for it."""
    program = (
        "import argon2, argon2.low_level\n"
        "def refuse(*args, **kwargs): raise AssertionError('a password was hashed')\n"
        "argon2.PasswordHasher.hash = argon2.PasswordHasher.verify = refuse\n"
        "import autohub.server.app, autohub.cli.main, autohub.demo.people\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_unknown_account_takes_a_comparison_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of the answer tells which addresses have an account."""
    compared: list[str] = []
    verify = argon2.PasswordHasher.verify

    def count(self: argon2.PasswordHasher, password_hash: str, password: str) -> bool:
        compared.append(password_hash)
        return verify(self, password_hash, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", count)
    known = sessions.hash_password("a long enough password")
    assert sessions.check_password(known, "a long enough password")
    assert not sessions.check_password(known, "another long password")
    assert not sessions.check_password(None, "nobody has this password")
    assert compared[:2] == [known, known]
    assert argon2.extract_parameters(compared[2]) == argon2.extract_parameters(known)
