"""`puntual serve`."""

from __future__ import annotations

from typing import Annotated

from puntual.cli.options import setting_option


def serve(
    model: Annotated[str | None, setting_option("model")] = None,
    *,
    model_sha256: Annotated[str | None, setting_option("model_sha256")] = None,
    host: Annotated[str | None, setting_option("host")] = None,
    port: Annotated[int | None, setting_option("port")] = None,
    workers: Annotated[int | None, setting_option("workers")] = None,
    cut: Annotated[float | None, setting_option("cut")] = None,
    cost_of_a_missed_delay: Annotated[float | None, setting_option("cost_of_a_missed_delay")] = None,
    stress_report: Annotated[str | None, setting_option("stress_report")] = None,
    store: Annotated[str | None, setting_option("store")] = None,
    tls_cert: Annotated[str | None, setting_option("tls_cert")] = None,
    tls_key: Annotated[str | None, setting_option("tls_key")] = None,
    tls_client_ca: Annotated[str | None, setting_option("tls_client_ca")] = None,
    keys: Annotated[str | None, setting_option("keys")] = None,
    open: Annotated[bool | None, setting_option("open", "--open")] = None,  # noqa: A002 - the flag's name
    identity_proxy: Annotated[str | None, setting_option("identity_proxy")] = None,
    hosts: Annotated[str | None, setting_option("hosts")] = None,
    cors_origins: Annotated[str | None, setting_option("cors_origins")] = None,
    open_events: Annotated[bool | None, setting_option("open_events", "--open-events")] = None,
) -> None:
    """Serve the API and the page; each option may also be given as PUNTUAL_MODEL, PUNTUAL_PORT, ..."""
    flags = locals().copy()

    from puntual.serving.server import run
    from puntual.serving.settings import read_settings

    run(read_settings(flags))
