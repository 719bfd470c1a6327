"""Boards: the days that there are, a day's flights now or then, changes as they come; and workbooks."""

from __future__ import annotations

import datetime as dt

from puntual.serving.api.boards import BoardDay, BoardDays
from puntual.serving.api.event_requests import check_date, check_moment, check_origin, read_instant
from puntual.serving.api.schemas import encode
from puntual.serving.board_stream import stream_board
from puntual.serving.boards import current_board, latest_view, make_board
from puntual.serving.http.messages import GUARDS, JSON_HEADERS, NO_STORE, HeaderList, Request, Response
from puntual.serving.http.problems import RefusedError
from puntual.serving.http.queries import read_query
from puntual.serving.ops.workbook_reader import reads_workbooks
from puntual.serving.state import Service

STREAM_HEADERS: HeaderList = [
    ("content-type", "text/event-stream"),
    NO_STORE,
    *GUARDS,
    ("x-accel-buffering", "no"),
]
CSV_HEADERS: HeaderList = [("content-type", "text/csv; charset=utf-8"), NO_STORE, *GUARDS]


async def get_board(service: Service, request: Request) -> Response:
    """`GET /v1/board`: the days that there are, or the board of one, now or as of a past moment."""
    live = service.require_live()
    query = read_query(request.query)
    if not query:
        return Response(200, JSON_HEADERS, encode(list_days(service)))
    origin, date = _read_day(service, query)
    if "as_of" not in query:
        return Response(200, JSON_HEADERS, (await current_board(service, origin, date)).body)
    model = service.model
    moment = read_instant(query["as_of"], "?as_of")
    check_moment(moment, live.latest, "?as_of")
    async with live.past(model.source, moment) as view:
        if view is None:
            allowed = "the same request a little later"
            raise RefusedError("no-store", "what was known then cannot be read", allowed=allowed)
        board = await make_board(
            service, model, view, origin, date, forecasts=view if model.reads_day else None
        )
    return Response(200, JSON_HEADERS, encode(board))


async def get_board_stream(service: Service, request: Request) -> Response:
    """`GET /v1/board/stream`: a board, then its changes, as server-sent events."""
    origin, date = _read_day(service, read_query(request.query))
    first = await current_board(service, origin, date)
    return Response(200, STREAM_HEADERS, b"", stream_board(service, origin, date, first))


async def post_workbook(service: Service, request: Request) -> Response:
    """`POST /v1/workbooks`: the first table of a workbook as CSV, for the page; nothing of it is kept."""
    if not reads_workbooks():
        found, allowed = "no reader of workbooks", "CSV, or a server with the extras train and excel"
        raise RefusedError("not-found", found, found=found, allowed=allowed)
    body = await service.reader.read(request)
    with service.reader.keep(body):
        return Response(200, CSV_HEADERS, await service.workbooks.read(body))


def list_days(service: Service) -> BoardDays:
    """The days that have a timetable."""
    model = service.model
    view, _ = latest_view(service, model)
    state = view.state
    days = [BoardDay(origin, date, state.flights(origin, date)) for origin, date in state.days()]
    return BoardDays(
        model=model.name, threshold_minutes=model.threshold_minutes, as_of=view.moment, days=days
    )


def _read_day(service: Service, query: dict[str, str]) -> tuple[str, dt.date]:
    """The origin, in the model's own code, and the day."""
    for name in ("origin", "date"):
        if name not in query:
            allowed = "an airport and a day, such as ?origin=JFK&date=2013-11-02"
            raise RefusedError("invalid", "missing", pointer=f"?{name}", allowed=allowed)
    code = check_origin(query["origin"], "?origin").upper()
    known = service.model.predictor.artifact.tables.airport_codes
    return known.get(code, code), check_date(query["date"], "?date")
