"""`puntual keys`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.options import Json, setting_option
from puntual.console import OUT, note, print_line

if TYPE_CHECKING:
    from puntual.access.keys import Key, KeyStore

Keys = Annotated[str | None, setting_option("keys")]
Store = Annotated[str | None, setting_option("store")]
_SCOPE_HELP = "What it allows: predict, operate, read or admin; several times for several."

keys = typer.Typer(help="Make, list and revoke the keys of the API, in a store or a file.")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.", show_default=False)],
    *,
    scope: Annotated[list[str], typer.Option("--scope", help=_SCOPE_HELP)] = ["predict", "read"],  # noqa: B006
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="It expires after so many days.", show_default=False)
    ] = None,
    keys: Keys = None,
    store: Store = None,
) -> None:
    """Make a key; it is shown this once, and cannot be shown again."""
    from puntual.access.audit import write_audit
    from puntual.access.keys import create_key

    now = _now()
    kept, log = _open(keys, store)
    key, token = create_key(name, scope, now, now + dt.timedelta(days=days) if days else None)
    kept.add(key)
    write_audit(log, "keys.create", key=key.id, name=key.name, scopes=" ".join(key.scopes), by=_user())
    note(f"the key {key.id} of {name} allows: {', '.join(key.scopes)}; it is not shown again:")
    print_line(token)


@keys.command("list")
def list_keys(*, keys: Keys = None, store: Store = None, json: Json = False) -> None:
    """List the keys: whose they are, what they allow, and whether they are still taken."""
    from rich.table import Table

    found = _open(keys, store)[0].read()
    if json:
        import msgspec

        shown = [{name: value for name, value in _fields(key).items() if name != "digest"} for key in found]
        print_line(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return
    table = Table("id", "name", "scopes", "made", "state")
    for key in found:
        table.add_row(key.id, key.name, ", ".join(key.scopes), f"{key.created:%Y-%m-%d}", _state(key))
    OUT.print(table)


@keys.command()
def revoke(
    key_id: Annotated[
        str, typer.Argument(metavar="ID", help="From `puntual keys list`.", show_default=False)
    ],
    *,
    keys: Keys = None,
    store: Store = None,
) -> None:
    """Revoke a key; servers refuse it within seconds."""
    from puntual.access.audit import write_audit

    kept, log = _open(keys, store)
    key = kept.revoke(key_id, _now())
    write_audit(log, "keys.revoke", key=key.id, name=key.name, by=_user())
    note(f"the key {key.id} of {key.name} is revoked")


def _open(keys: str | None, store: str | None) -> tuple[KeyStore, str]:
    """Where the keys are, and the file of the audit log."""
    from puntual.errors import SettingError
    from puntual.serving.access.keyring import STORE, open_keys
    from puntual.serving.settings import read_settings

    settings = read_settings({"keys": keys, "store": store})
    if not (settings.keys or settings.store):
        raise SettingError("--keys: missing; wanted: a file, or --store URL")
    return open_keys(settings.keys or STORE, settings.store), settings.audit_log


def _user() -> str:
    """Who runs the command, as the system calls them; a number where it has no name."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _fields(key: Key) -> dict[str, object]:
    return {name: getattr(key, name) for name in key.__struct_fields__}


def _state(key: Key) -> str:
    if key.revoked is not None:
        return f"revoked {key.revoked:%Y-%m-%d}"
    if not key.valid(_now()):
        return f"expired {key.expires:%Y-%m-%d}"
    return "valid" if key.expires is None else f"valid until {key.expires:%Y-%m-%d}"
