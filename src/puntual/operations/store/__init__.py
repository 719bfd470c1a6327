"""Where events are kept: one log, in SQLite or PostgreSQL.

Importing this room loads no library of databases; `open_store` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from puntual.errors import StoreDownError, name_missing

if TYPE_CHECKING:
    from puntual.operations.store.log import Store


def open_store(url: str, *, down_is_fine: bool = False) -> Store:
    """Open the store at a URL, and bring its tables to the version of this program.

    Parameters
    ----------
    url : ``sqlite:///FILE``, or ``postgresql://USER:PASSWORD@HOST/DATABASE``
    down_is_fine : a store that does not answer is opened when it is first used

    Raises
    ------
    StoreError : the URL is unusable, or the store's version is newer than this program
    StoreDownError : the store does not answer
    MissingDependencyError : the libraries of the extra ``store`` are not installed
    """
    try:
        from puntual.operations.store.log import Store
    except ModuleNotFoundError as error:
        raise name_missing(error) from None
    store = Store(url)
    try:
        store.prepare()
    except StoreDownError:
        if not down_is_fine:
            store.close()
            raise
    except BaseException:
        store.close()
        raise
    return store
