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
from importlib.metadata import version
from pathlib import Path

import msgspec

from benchmarks.processes import memory_mib, worker_mib
from benchmarks.serving import environments
from benchmarks.serving.contenders import Contender, NotServedError, Served, serving
from benchmarks.serving.flights import draw_flights, predict, write_bodies
from benchmarks.serving.load import Load
from benchmarks.serving.report import Outcome, Pair, to_json, write_table
from benchmarks.serving.rivals.lineup import RIVALS, Rival, first_prediction
from deploy.service import free_port
from puntual.inference.artifact import read_artifact
from puntual.loadtest.machine import this_machine

CHECKED = 20
"""Flights whose answers are compared with Puntual's before a server is measured."""


def main() -> None:
    options = _options()
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("benchmarks.serving: needs wrk on PATH (Debian: apt-get install wrk)")
    artifact = read_artifact(options.model)
    flights = draw_flights(artifact)
    expected = predict(artifact, flights[:CHECKED])
    left_out: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        contenders = [_puntual(options.model), _bare()]
        for name in options.rivals or ():
            try:
                contenders += _rival(RIVALS[name], options.model, folder)
            except environments.NotInstalledError as error:
                _leave_out(left_out, RIVALS[name].title, error)
        running: list[tuple[Served, Path]] = []
        for number, contender in enumerate(contenders):
            bodies = folder / f"{number}.jsonl"
            write_bodies(bodies, flights, contender.body)
            try:
                served = stack.enter_context(serving(contender, flights[:CHECKED], expected))
            except NotServedError as error:
                if number < 2:  # Puntual itself, and the limit
                    sys.exit(f"benchmarks.serving: {contender.title}: {error}")
                _leave_out(left_out, f"{contender.title}, {contender.call}", error)
                continue
            running.append((served, bodies))
        outcomes = _measure(Load(wrk, options.connections), running, options)
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


def _bare() -> Contender:
    return Contender(
        title="bare Granian, reads the body only",
        call="none",
        versions={"granian": version("granian")},
        command=(sys.executable, "-m", "benchmarks.serving.bare", str(port := free_port())),
        port=port,
        path="/",
        probability=None,
    )


def _puntual(model: Path) -> Contender:
    port = free_port()
    return Contender(
        title="Puntual, 1 worker",
        call="fast",
        versions={name: version(name) for name in ("puntual", "granian", "lightgbm", "msgspec")},
        command=(sys.executable, "-m", "puntual", "serve", "--model", str(model), "--port", str(port)),
        port=port,
        path="/v1/predictions",
        probability=first_prediction,
    )


def _rival(rival: Rival, model: Path, folder: Path) -> list[Contender]:
    """A rival with each of its calls of LightGBM.

    Raises
    ------
    NotInstalledError : what it needs cannot be installed
    """
    programs = environments.prepare(rival)
    contenders = []
    for call in rival.calls:
        port, own = free_port(), folder / f"{rival.name}-{call}"
        own.mkdir()
        rival.write(own, port, (free_port(), free_port()))
        program, *arguments = (word.format(port=port, folder=own) for word in rival.command)
        environment = {"PYTHONPATH": environments.SOURCES, "CALL": call, "PORT": str(port)}
        contenders.append(
            Contender(
                title=rival.title,
                call=call,
                versions=environments.pinned(rival),
                command=(str(programs / program), *arguments),
                port=port,
                path=rival.path,
                probability=rival.probability,
                body=rival.body,
                environment=environment | {"MODEL": str(model.resolve())},
            )
        )
    return contenders


def _leave_out(left_out: dict[str, str], name: str, error: Exception) -> None:
    left_out[name] = str(error)
    print(f"benchmarks.serving: left out: {name}: {error}", file=sys.stderr)


def _measure(load: Load, running: list[tuple[Served, Path]], options: argparse.Namespace) -> list[Outcome]:
    """Warm up for a second each; then in each round every server, and Puntual right before each of them."""
    for served, bodies in running:
        load.measure(served, bodies, 1)
    puntual, *others = running

    def pair(other: tuple[Served, Path]) -> Pair:
        return Pair(load.measure(*puntual, options.seconds), load.measure(*other, options.seconds))

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
