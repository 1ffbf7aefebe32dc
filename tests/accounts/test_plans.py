"""How servers carry out the statements of a retrieval: from the index alone, on every shard, over several machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.accounts.key_store import add_keys
from app.accounts.retrieval import Retrieval, find_candidates
from app.accounts.schemas import AccountIn
from app.accounts.service import import_accounts
from app.migrations.tables import METADATA
from app.settings import Settings
from app.storage import Database
from app.storage.base import DISTRIBUTED_BY, REFERENCE
from app.storage.citus import loosen
from matchers.profile import Handle, Subject
from tests.accounts.conftest import hashes
from tests.engines import CITUS_URL, NO_CITUS, Place, make_database, migrate
from tests.servers.postgres import make_cluster

JANE = Subject(names=("Adaeze Brandvold",), handles=(Handle("adaezebrandvold", "x"),))
Statement = tuple[str, Any]


def fill(database: Database, url: str) -> None:
    """Import namesakes (more than are read of one key), a few copies, and strangers."""
    records: list[dict[str, Any]] = [{"handle": f"u{n}q", "display_name": "Adaeze Brandvold"} for n in range(1_200)]
    records += [{"handle": f"adaezebrandv0ld{n}", "display_name": "Adaeze B"} for n in range(5)]
    records += [{"handle": f"stranger{n}", "display_name": f"Some {n}", "avatar": hashes(n)} for n in range(300)]
    accounts = (AccountIn.model_validate({"platform": "x"} | record) for record in records)
    import_accounts(database, Settings(database_url=url), enumerate(accounts, start=1))


def retrieve(database: Database) -> Retrieval:
    with database.read() as session:
        return find_candidates(session, JANE, "default", 200)


def summarise(found: Retrieval) -> tuple[list[str | None], int, int]:
    return [candidate.account.handle for candidate in found.candidates], found.total, found.left_out


@contextmanager
def opened(url: str, *, citus: bool = False) -> Iterator[Database]:
    database = Database(url, citus=citus)
    yield database
    database.dispose()


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """The statements that are sent meanwhile, with their values."""
    sent: list[Statement] = []

    def note(_connection: Connection, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        sent.append((sql, values))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def explain(database: Database, statements: Sequence[Statement]) -> list[str]:
    """The plan of each statement that reads accounts or their keys."""
    plans = []
    with database.engine.connect() as connection:
        for sql, values in statements:
            if "FROM account" in sql:
                lines = connection.exec_driver_sql(f"EXPLAIN {sql}", values).scalars()
                plans.append("\n".join(line[:200] for line in lines))
    return plans


@pytest.fixture
def plain(postgres: str) -> Iterator[str]:
    """The address of a migrated database on PostgreSQL, with accounts."""
    with make_database(postgres) as url:
        migrate(Place(url))
        with opened(url) as database:
            fill(database, url)
        yield url


def test_postgresql_reads_posting_lists_from_the_index_alone(plain: str) -> None:
    with opened(plain) as database:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        with recorded(database.engine) as statements:
            assert retrieve(database).candidates
        plans = explain(database, statements)
        keys = [plan for plan in plans if "account_keys" in plan]
        assert len(keys) >= 2
        assert all("Index Only Scan" in plan and "Seq Scan on account_keys" not in plan for plan in keys), keys


def test_the_statements_for_citus_find_the_same(plain: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    small = f"sqlite:///{tmp_path_factory.mktemp('small') / 'a.db'}"
    migrate(Place(small))
    with opened(plain) as one, opened(plain, citus=True) as many, opened(small) as embedded:
        fill(embedded, small)
        with recorded(many.engine) as statements:
            found = summarise(retrieve(many))
        assert not any("LATERAL" in sql or "UNION" in sql for sql, _ in statements)
        assert found == summarise(retrieve(one)) == summarise(retrieve(embedded))
        assert found[2] > 0


def test_what_citus_cannot_keep_unique_becomes_a_plain_index(plain: str) -> None:
    unique = text("SELECT count(*) FROM pg_index WHERE indrelid = 'accounts'::regclass AND indisunique")
    indexes = text("SELECT count(*) FROM pg_index WHERE indrelid = 'accounts'::regclass")
    with opened(plain) as database, database.engine.begin() as connection:
        before = connection.scalar(indexes)
        loosen(connection, METADATA.tables["accounts"])
        assert connection.scalar(unique) == 1
        assert connection.scalar(indexes) == before
    with opened(plain) as database:
        assert retrieve(database).candidates


def test_every_table_of_the_index_says_how_it_lies() -> None:
    assert METADATA.tables["account_keys"].info[DISTRIBUTED_BY] == "account"
    placed = {table.name for table in METADATA.tables.values() if {DISTRIBUTED_BY, REFERENCE} & table.info.keys()}
    assert placed == {
        *("accounts", "account_keys", "key_counts", "corpora", "suppressions"),
        *("subjects", "subject_photos", "subject_keys", "subject_key_counts"),
    }


def test_tables_that_refer_to_each_other_are_cut_by_what_they_refer_by() -> None:
    for table in METADATA.tables.values():
        for reference in table.foreign_keys:
            other = reference.column.table
            if DISTRIBUTED_BY in other.info:
                assert table.info[DISTRIBUTED_BY] == reference.parent.name
                assert other.info[DISTRIBUTED_BY] == reference.column.name


def test_a_connection_that_ends_before_a_copy_is_a_database_that_is_away(plain: str) -> None:
    with opened(plain) as database, opened(plain) as other:

        def store() -> None:
            with database.write() as session:
                backend = session.scalar(text("SELECT pg_backend_pid()"))
                with other.write() as killer:
                    killer.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})
                add_keys(session, [(1, 1)])

        with pytest.raises(OperationalError):
            store()
        assert retrieve(database).candidates


def test_a_copy_of_what_is_there_is_refused_as_any_insert(plain: str) -> None:
    with opened(plain) as database:

        def store() -> None:
            with database.write() as session:
                add_keys(session, [(1, 1), (1, 1)])

        with pytest.raises(IntegrityError):
            store()
        assert retrieve(database).candidates


@dataclass(frozen=True, slots=True)
class Two:
    """Two servers, of which the first holds half of the keys of the second."""

    url: str
    shards: tuple[str, str]


_REMOTE = """
CREATE SERVER node_{n} FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host '127.0.0.1', port '{port}', dbname 'postgres', async_capable 'true', batch_size '1000');
CREATE USER MAPPING FOR CURRENT_USER SERVER node_{n} OPTIONS (user 'postgres');
CREATE FOREIGN TABLE account_keys_{n} PARTITION OF account_keys
  FOR VALUES WITH (MODULUS 2, REMAINDER {n}) SERVER node_{n} OPTIONS (table_name 'account_keys_{n}');
"""


@pytest.fixture
def two(postgres: str) -> Iterator[Two]:
    """A database whose keys are partitioned by account over two other servers."""
    with (
        make_cluster() as first, first.run(), make_cluster() as second, second.run(), make_database(postgres) as url
    ):  # fmt: skip
        migrate(Place(url))
        for n, node in enumerate((first, second)):
            with opened(node.url) as shard, shard.write() as session:
                session.execute(
                    text(f"CREATE TABLE account_keys_{n} (key bigint, account bigint, PRIMARY KEY (key, account))")
                )
        with opened(url) as database, database.write() as session:
            connection = session.connection()
            connection.exec_driver_sql("DROP TABLE account_keys")
            connection.exec_driver_sql("CREATE EXTENSION postgres_fdw")
            connection.exec_driver_sql(
                "CREATE TABLE account_keys (key bigint, account bigint) PARTITION BY HASH (account)"
            )
            for n, node in enumerate((first, second)):
                for statement in filter(str.strip, _REMOTE.format(n=n, port=node.port).split(";")):
                    connection.exec_driver_sql(statement)
        yield Two(url, (first.url, second.url))


@pytest.mark.slow
@pytest.mark.parametrize("citus", [False, True])
def test_keys_over_two_servers_find_the_same(plain: str, two: Two, citus: bool) -> None:
    with opened(plain) as whole, opened(two.url, citus=citus) as halves:
        fill(halves, two.url)
        assert summarise(retrieve(halves)) == summarise(retrieve(whole))
    for n, url in enumerate(two.shards):
        with opened(url) as shard, shard.read() as session:
            assert (session.scalar(text(f"SELECT count(*) FROM account_keys_{n}")) or 0) > 1_000  # noqa: S608


@pytest.mark.skipif(CITUS_URL is None, reason=NO_CITUS)
@pytest.mark.parametrize("place", ["citus"], indirect=True)
def test_citus_sends_every_statement_to_all_shards(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(place.url, citus=True) as database:
        fill(database, place.url)
        with recorded(database.engine) as statements:
            assert retrieve(database).candidates
        plans = explain(database, statements)
    with capsys.disabled():
        print("\n\n".join(plans))
    assert plans
    assert all("Custom Scan (Citus Adaptive)" in plan for plan in plans)
