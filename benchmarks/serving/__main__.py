"""One flight a request, in turns with a bare Granian application and, with `--rivals`, what else would serve.

``python -m benchmarks.serving --model MODEL [--rivals]`` needs `wrk` on PATH and loads 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import contextlib
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.processes import memory_mib, worker_mib
from benchmarks.serving.contenders import NotServedError, Served, contenders, serving
from benchmarks.serving.environments import NotInstalledError, prepare
from benchmarks.serving.flights import draw_flights, predict, write_bodies
from benchmarks.serving.load import Measured, measure
from benchmarks.serving.report import Outcome, Pair, to_json, write_table
from benchmarks.serving.rivals.lineup import BARE, PUNTUAL, RIVALS, Rival
from deploy.service import unwind_on_sigterm
from puntual.inference.artifact import Artifact, read_artifact
from puntual.loadtest.machine import this_machine

CHECKED = 20
"""Flights whose answers are compared with Puntual's before a server is measured."""


def main() -> None:
    options = _options()
    unwind_on_sigterm()
    if shutil.which("wrk") is None:
        sys.exit("benchmarks.serving: needs wrk on PATH (Debian: apt-get install wrk)")
    artifact = read_artifact(options.model)
    left_out: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        running = _start(stack, artifact, options, left_out)
        outcomes = _measure(running, options)
    _report(options, artifact.name, outcomes, left_out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.serving")
    add = parser.add_argument
    rivals = f"also what else would serve it: all, or some of {', '.join(RIVALS)}"
    add("--model", required=True, type=Path)
    add("--rivals", nargs="*", choices=RIVALS, metavar="RIVAL", help=rivals)
    add("--rounds", type=int, default=3)
    add("--seconds", type=int, default=6)
    add("--connections", type=int, default=64)
    add("--out", type=Path, help="a file for all figures, as JSON")
    options = parser.parse_args()
    if options.rivals == []:
        options.rivals = list(RIVALS)
    return options


def _start(
    stack: contextlib.ExitStack, artifact: Artifact, options: argparse.Namespace, left_out: dict[str, str]
) -> list[tuple[Served, Path]]:
    """Every server, and a file with the bodies that it takes; a rival that cannot be served is left out."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    flights = draw_flights(artifact)
    expected = predict(artifact, flights[:CHECKED])
    running = []

    def leave_out(rival: Rival, name: str, error: Exception) -> None:
        if rival in (PUNTUAL, BARE):
            sys.exit(f"benchmarks.serving: {rival.title}: {error}")
        left_out[name] = str(error)
        print(f"benchmarks.serving: left out: {name}: {error}", file=sys.stderr)

    for rival in (PUNTUAL, BARE, *(RIVALS[name] for name in options.rivals or ())):
        try:
            programs = prepare(rival)
        except NotInstalledError as error:
            leave_out(rival, rival.title, error)
            continue
        for contender in contenders(rival, programs, options.model, folder):
            bodies = contender.folder / "bodies.jsonl"
            write_bodies(bodies, flights, rival.body)
            try:
                served = stack.enter_context(serving(contender, flights[:CHECKED], expected))
                running.append((served, bodies))
            except NotServedError as error:
                leave_out(rival, f"{rival.title}, {contender.call}", error)
    return running


def _measure(running: list[tuple[Served, Path]], options: argparse.Namespace) -> list[Outcome]:
    """Warm up for a second each; then in each round every server, and Puntual right before each of them."""

    def load(server: tuple[Served, Path], seconds: int) -> Measured:
        return measure(*server, seconds, options.connections)

    for server in running:
        load(server, 1)
    puntual, *others = running

    def pair(other: tuple[Served, Path]) -> Pair:
        return Pair(load(puntual, options.seconds), load(other, options.seconds))

    rounds = [[pair(other) for other in others] for _ in range(options.rounds)]
    own = [Pair(pair.puntual, pair.puntual) for pairs in rounds for pair in pairs]
    return [
        Outcome(served, pairs, memory_mib(served.pid), worker_mib(served.pid))
        for (served, _), pairs in zip(running, [own, *map(list, zip(*rounds, strict=True))], strict=True)
    ]


def _report(
    options: argparse.Namespace, model: str, outcomes: list[Outcome], left_out: dict[str, str]
) -> None:
    machine, (puntual, bare, *_) = this_machine(), outcomes
    print(f"{machine.cores} cores ({machine.processor}), Python {platform.python_version()}, model {model};")
    print(f"{options.rounds} rounds of {options.seconds} s in turns, wrk -t1 -c{options.connections}\n")
    print(write_table(outcomes))
    ratios = ", ".join(f"{ratio:.3f}" for ratio in bare.slower())
    print(f"\nPuntual's worker {puntual.worker_mib:.0f} MiB resident, the bare one's {bare.worker_mib:.0f};")
    print(f"Puntual's answers for each of the bare application's: {ratios} (a round each)")
    if options.out:
        load = {"rounds": options.rounds, "seconds": options.seconds, "connections": options.connections}
        figures = to_json(outcomes, machine, load | {"model": model}, left_out)
        options.out.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))


if __name__ == "__main__":
    main()
