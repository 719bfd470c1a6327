"""What only a file can do: be full, be replaced, be no database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from puntual.errors import StoreDownError, StoreError
from puntual.operations.store import open_store
from puntual.operations.store.log import Store
from tests.operations.made_up_events import departure


def limit_pages(store: Store, pages: int) -> None:
    """SQLite says that the disk is full where the file would have more pages."""
    store.close()
    sa.event.listen(
        store._engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}")
    )


def test_a_full_disk_refuses_what_does_not_fit_and_keeps_all_else(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/events.db")
    limit_pages(store, 40)
    written = store.append([departure(number) for number in range(20)]).new
    with pytest.raises(StoreDownError, match="database or disk is full; wanted: room on its disk"):
        store.append([departure(number) for number in range(5_000)])
    assert len(store.after(0, 10_000)) == written
    limit_pages(store, 1_000_000)
    assert store.append([departure(number) for number in range(written + 20)]).new == 20
    store.close()


def test_a_file_that_is_removed_takes_no_more_events(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/events.db")
    store.append([departure(1)])
    (tmp_path / "events.db").rename(tmp_path / "kept.db")
    for _ in range(2):
        with pytest.raises(StoreError, match="removed or replaced while in use; wanted: a restart"):
            store.append([departure(2)])
        open_store(f"sqlite:///{tmp_path}/events.db").close()
    store.close()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_text("Fecha-I,Vlo-I\n" * 500)
    with pytest.raises(StoreError, match=r"events\.db: file is not a database"):
        open_store(f"sqlite:///{tmp_path}/events.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "events.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://desk:secret@db/x",
        "postgresql://u:secret@db",
    ],
)
def test_a_url_of_nothing_that_is_known_is_refused(url: str) -> None:
    with pytest.raises(
        StoreError, match=r"^store: its URL .*; wanted: `sqlite:///FILE` or `postgresql:"
    ) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value, StoreDownError)
