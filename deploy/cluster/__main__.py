"""`python -m deploy.cluster`: replicas behind HAProxy, on this machine.

python -m deploy.cluster --model nyc.puntual             until Ctrl-C
python -m deploy.cluster test                            what happens to a service in use: 0 may fail
python -m deploy.cluster test --drain 0                  the same with a mistake that it has to find
python -m deploy.cluster original --out docs/stress      the original's load test
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from deploy.cluster import original
from deploy.cluster.cluster import choose
from deploy.cluster.models import another, find_model
from deploy.cluster.scenarios import SCENARIOS, Setup, outcome_table, play
from deploy.cluster.values import read_values
from deploy.service import ENGINES, IMAGE, StartError, free_port, unwind_on_sigterm
from puntual.errors import PuntualError


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster",
        description=(__doc__ or "").partition("\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("what", nargs="?", choices=("run", "test", "original"), default="run")
    add("scenario", nargs="*", metavar="SCENARIO", help=f"of test: {', '.join(SCENARIOS)}")
    add("--model", type=Path, help="else the one of `make run`, else a small one")
    add("--replicas", type=int, default=3)
    add("--port", type=int, help="of the load balancer; 8000, when testing any that is free")
    engines = ("auto", "process", *ENGINES)
    add("--engine", choices=engines, default="auto", help="auto: containers if there is an image")
    add("--faster", type=float, default=1, help="the manifests' checks and drain, so many times shorter")
    add("--rate", type=float, default=1111, help="of test: requests a second")
    add("--drain", type=float, help="seconds, instead of the manifests'")
    add("--no-retries", action="store_true", help="a request without an answer is sent to no other replica")
    add("--out", type=Path, help="of original: a folder for its report")
    options = parser.parse_args(arguments)
    for name in options.scenario:
        if options.what != "test" or name not in SCENARIOS:
            parser.error(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    if options.replicas < 1 or options.faster < 1:
        parser.error("--replicas and --faster want 1 or more")
    return options


def main() -> None:
    """Run, test or measure; end with 1 if a request failed, with 2 if it could not be tried."""
    options = read_options(sys.argv[1:])
    # Also if it was started in the background, with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unwind_on_sigterm()
    try:
        sys.exit(_run(options))
    except (RuntimeError, LookupError, FileNotFoundError, TimeoutError, PuntualError) as error:
        sys.stderr.write(f"deploy.cluster: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _run(options: argparse.Namespace) -> int:
    values = read_values().faster(options.faster)
    if options.drain is not None:
        values = values.drained_for(options.drain)
    engine, start = choose(options.engine)
    model = find_model(options.model)
    with tempfile.TemporaryDirectory(prefix="puntual-") as folder:
        other = another(model, Path(folder)) if options.what == "test" else model
        port = options.port or (8000 if options.what == "run" else free_port())
        retries = False if options.no_retries else None
        setup = Setup(values, start, model, other, port, _log, options.replicas, options.rate, retries)
        kind = "processes" if engine == "process" else f"containers of {IMAGE} ({engine})"
        _log(f"{options.replicas} {kind}, behind HAProxy")
        if options.what == "run":
            with suppress(KeyboardInterrupt):
                _serve(setup)
            return 0
        if options.what == "original":
            return original.run(setup, engine, options.out)
        outcomes = [play(name, setup) for name in options.scenario or SCENARIOS]
    sys.stdout.write(f"{outcome_table(outcomes)}\n")
    return int(any(outcome.failed for outcome in outcomes))


def _serve(setup: Setup) -> None:
    """Until Ctrl-C: replace what ends, and log every change."""
    with setup.cluster() as cluster:
        sys.stdout.write(f"Puntual is on {cluster.balancer.url} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        before: dict[int, str] = {}
        while not cluster.balancer.has_ended:
            states = cluster.balancer.states()
            for slot, replica in cluster.replicas.items():
                if states[slot] != before.get(slot):
                    _log(f"replica {slot}: {states[slot]}, {replica.url}")
            before = states
            cluster.mend()
            time.sleep(0.5)
        raise StartError("haproxy has ended")


def _log(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
