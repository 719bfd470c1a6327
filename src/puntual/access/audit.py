"""The audit log: who changed what, one JSON object a line."""

from __future__ import annotations

import datetime as dt

import msgspec

from puntual.errors import SettingError, printable
from puntual.files import append_line


def audit_entry(what: str, **fields: object) -> dict[str, object]:
    """The fields of an entry, of which no text has control characters.

    Parameters
    ----------
    what : such as ``keys.create`` or ``model.swap``

    Examples
    --------
    >>> audit_entry("keys.revoke", key="1a2b3c4d", name="desk")
    {'audit': 'keys.revoke', 'key': '1a2b3c4d', 'name': 'desk'}
    """
    entry = {"audit": what, **fields}
    return {name: printable(value) if isinstance(value, str) else value for name, value in entry.items()}


def write_audit(path: str, what: str, **fields: object) -> None:
    """Append an entry to a file of which only its owner may read what others may not know.

    Parameters
    ----------
    path : empty: nothing is written

    Raises
    ------
    SettingError : it cannot be written
    """
    if not path:
        return
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    entry = {"time": f"{now}Z", "severity": "INFO", **audit_entry(what, **fields)}
    try:
        append_line(path, f"{msgspec.json.encode(entry).decode()}\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingError(
            f"PUNTUAL_AUDIT_LOG: {path}: {reason}; wanted: a file that may be written"
        ) from error
