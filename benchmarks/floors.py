"""The floors: the same rows into the same tables and indexes, by the shortest way that each
database has."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

TABLES = ("user_account", "user_role", "audit", "user_search_pending", "tally")
KEYS = {
    "user_account": "user_id",
    "user_role": "user_id, role_id, category_id",
    "audit": "audit_id",
    "user_search_pending": "user_id",
    "tally": "tally_id",
}
IDEA_TABLES = {
    "idea": "process_id",
    "idea_document": "process_id",
    "idea_import": "process_id",
    "idea_tag": "process_id",
    "idea_collaborator": "process_id",
    "idea_application": "process_id",
    "idea_history": "process_id",
    "audit": "audit_id",
}
"""What an import of ideas writes, and the column by which its rows are told from others."""
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


class SqliteFloor:
    def __init__(self, path: Path) -> None:
        self.path = path

    def connect(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self.path, isolation_level=None)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-65536",
        ):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    def rows(self) -> Rows:
        """Everything that is in TABLES now."""
        raw = self.connect()
        found: Rows = {}
        for table in TABLES:
            cursor = raw.execute(f"SELECT * FROM {table}")
            found[table] = ([d[0] for d in cursor.description], cursor.fetchall())
        raw.close()
        return found

    def clear(self) -> None:
        raw = self.connect()
        raw.execute("PRAGMA foreign_keys=OFF")
        for table in reversed(TABLES):
            raw.execute(f"DELETE FROM {table}")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()

    def write(self, rows: Rows, tables: Sequence[str]) -> float:
        """Seconds to upsert `rows` in one commit."""
        raw = self.connect()
        started = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        for table in tables:
            columns, values = rows[table]
            changed = (
                ", ".join(f"{c} = excluded.{c}" for c in columns if c not in KEYS[table])
                or f"{columns[0]} = excluded.{columns[0]}"
            )
            differs = (
                " OR ".join(
                    f"{table}.{c} IS NOT excluded.{c}" for c in columns if c not in KEYS[table]
                )
                or "1"
            )
            raw.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
                f"({', '.join('?' * len(columns))}) "
                f"ON CONFLICT ({KEYS[table]}) DO UPDATE SET {changed} WHERE {differs}",
                values,
            )
        raw.execute("COMMIT")
        taken = time.perf_counter() - started
        raw.close()
        return taken

    def rewrite(self, above: dict[str, int]) -> tuple[float, float]:
        """Seconds to read the rows of IDEA_TABLES above these ids, and to write them in one commit
        after they were taken away."""
        raw = self.connect()
        raw.execute("PRAGMA foreign_keys=OFF")
        found: Rows = {}
        started = time.perf_counter()
        for table, key in IDEA_TABLES.items():
            cursor = raw.execute(f"SELECT * FROM {table} WHERE {key} > ?", (above[table],))
            found[table] = ([d[0] for d in cursor.description], cursor.fetchall())
        read = time.perf_counter() - started
        for table, key in reversed(IDEA_TABLES.items()):
            raw.execute(f"DELETE FROM {table} WHERE {key} > ?", (above[table],))
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA foreign_keys=ON")
        started = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        for table, (columns, values) in found.items():
            marks = ", ".join("?" * len(columns))
            raw.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        raw.execute("COMMIT")
        written = time.perf_counter() - started
        raw.close()
        return read, written

    def highest(self) -> dict[str, int]:
        """The highest id in each of IDEA_TABLES."""
        raw = self.connect()
        sql = "SELECT coalesce(max({}), 0) FROM {}"
        found = {
            table: int(raw.execute(sql.format(key, table)).fetchone()[0])
            for table, key in IDEA_TABLES.items()
        }
        raw.close()
        return found

    def single(self) -> Callable[[int], None]:
        """Inserts one account and commits."""
        raw = self.connect()
        columns = (
            "user_email, user_email_key, user_is_active, user_invite_status, created_epoch, "
            "updated_epoch"
        )

        def write(number: int) -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute(
                f"INSERT INTO user_account ({columns}) VALUES (?, ?, 1, 0, 0, 0)",
                (f"f{number}", f"f{number}"),
            )
            raw.execute("COMMIT")

        return write

    def change(self) -> Callable[[int], None]:
        raw = self.connect()

        def write(number: int) -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute(
                "UPDATE user_account SET user_location = ? WHERE user_email_key = ?",
                (f"c{number}", f"f{number}"),
            )
            raw.execute("COMMIT")

        return write


class PostgresFloor:
    def __init__(self, url: str) -> None:
        self.url = url

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url)

    def rows(self) -> Rows:
        found: Rows = {}
        with self.connect() as raw:
            for table in TABLES:
                cursor = raw.execute(f"SELECT * FROM {table}")
                found[table] = ([d.name for d in cursor.description or ()], cursor.fetchall())
        return found

    def clear(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as raw:
            for table in reversed(TABLES):  # a TRUNCATE would take the tokens along
                raw.execute(f"DELETE FROM {table}")
                raw.execute(f"VACUUM {table}")

    def write(self, rows: Rows, tables: Sequence[str]) -> float:
        with self.connect() as raw:
            started = time.perf_counter()
            for table in tables:
                columns, values = rows[table]
                names = ", ".join(columns)
                raw.execute(
                    f"CREATE TEMP TABLE t_{table} ON COMMIT DROP AS SELECT {names} FROM {table} "
                    "LIMIT 0"
                )
                with (
                    raw.cursor() as cursor,
                    cursor.copy(f"COPY t_{table} ({names}) FROM STDIN") as copy,
                ):
                    for row in values:
                        copy.write_row(row)
                others = [c for c in columns if c not in KEYS[table]]
                changed = (
                    ", ".join(f"{c} = excluded.{c}" for c in others)
                    or f"{columns[0]} = excluded.{columns[0]}"
                )
                differs = (
                    f"({', '.join(f'{table}.{c}' for c in others)}) IS DISTINCT FROM "
                    f"({', '.join(f'excluded.{c}' for c in others)})"
                    if others
                    else "true"
                )
                upsert = f"ON CONFLICT ({KEYS[table]}) DO UPDATE SET {changed} WHERE {differs}"
                raw.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM t_{table} {upsert}")
            raw.commit()
            return time.perf_counter() - started

    def rewrite(self, above: dict[str, int]) -> tuple[float, float]:
        found: Rows = {}
        with self.connect() as raw:
            started = time.perf_counter()
            for table, key in IDEA_TABLES.items():
                cursor = raw.execute(f"SELECT * FROM {table} WHERE {key} > {above[table]}")
                found[table] = ([d.name for d in cursor.description or ()], cursor.fetchall())
            read = time.perf_counter() - started
            raw.execute("SET session_replication_role = replica")  # the rows come back at once
            for table, key in reversed(IDEA_TABLES.items()):
                raw.execute(f"DELETE FROM {table} WHERE {key} > {above[table]}")
            raw.commit()
            raw.execute("SET session_replication_role = DEFAULT")
            started = time.perf_counter()
            for table, (columns, values) in found.items():
                copying = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
                with raw.cursor() as cursor, cursor.copy(copying) as copy:
                    for row in values:
                        copy.write_row(row)
            raw.commit()
            return read, time.perf_counter() - started

    def highest(self) -> dict[str, int]:
        with self.connect() as raw:
            found = {}
            for table, key in IDEA_TABLES.items():
                row = raw.execute(f"SELECT max({key}) FROM {table}").fetchone()
                found[table] = int(row[0] or 0) if row else 0
            return found

    def single(self) -> Callable[[int], None]:
        raw = self.connect()
        columns = (
            "user_email, user_email_key, user_is_active, user_invite_status, created_epoch, "
            "updated_epoch"
        )

        def write(number: int) -> None:
            raw.execute(
                f"INSERT INTO user_account ({columns}) VALUES (%s, %s, 1, 0, 0, 0)",
                (f"f{number}", f"f{number}"),
            )
            raw.commit()

        return write

    def change(self) -> Callable[[int], None]:
        raw = self.connect()

        def write(number: int) -> None:
            raw.execute(
                "UPDATE user_account SET user_location = %s WHERE user_email_key = %s",
                (f"c{number}", f"f{number}"),
            )
            raw.commit()

        return write
