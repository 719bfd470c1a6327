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

from deploy.checks.image import ENGINES, IMAGE, free_port
from deploy.cluster import original, table
from deploy.cluster.balancer import BalancerError
from deploy.cluster.cluster import ClusterError
from deploy.cluster.load import LoadError
from deploy.cluster.models import another, find_model
from deploy.cluster.replicas import choose
from deploy.cluster.scenarios import SCENARIOS, Around, SwapError, play
from deploy.cluster.values import read_values
from puntual.errors import PuntualError

MISTAKES = (BalancerError, ClusterError, LoadError, SwapError, LookupError, FileNotFoundError, PuntualError)


def read_options(arguments: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster",
        description=(__doc__ or "").partition("\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("run", "test", "original"), default="run")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help=f"of test: {', '.join(SCENARIOS)}")
    parser.add_argument("--model", type=Path, help="else the one of `make run`, else a small one")
    parser.add_argument("--next", type=Path, help="of test: the new model; else the same under another name")
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--port", type=int, help="of the load balancer; 8000, when testing any that is free")
    parser.add_argument(
        "--engine",
        choices=("auto", "process", *ENGINES),
        default="auto",
        help="what replicas are; auto: containers where the image is",
    )
    parser.add_argument(
        "--faster", type=float, default=1, help="the manifests' checks and drain, so many times shorter"
    )
    parser.add_argument("--rate", type=float, default=1111, help="of test: requests a second")
    parser.add_argument("--drain", type=float, help="seconds, instead of the manifests'")
    parser.add_argument(
        "--no-retries", action="store_true", help="what got no answer is sent to no other replica"
    )
    parser.add_argument("--out", type=Path, help="of original: a folder for its report")
    options = parser.parse_args(arguments)
    for name in options.scenario:
        if options.what != "test" or name not in SCENARIOS:
            parser.error(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    if options.replicas < 1 or options.faster < 1:
        parser.error("--replicas and --faster want 1 or more")
    return options


def main() -> None:
    """Do it; end with 1 where a request failed, with 2 where it could not be tried."""
    options = read_options(sys.argv[1:])
    # Also where it was started in the background, with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(_run(options))
    except MISTAKES as error:
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
        other = options.next or (another(model, Path(folder)) if options.what == "test" else model)
        around = Around(
            values,
            start,
            model,
            other,
            options.port or (8000 if options.what == "run" else free_port()),
            _told,
            options.replicas,
            options.rate,
            retries=False if options.no_retries else None,
        )
        made_of = "processes" if engine == "process" else f"containers of {IMAGE} ({engine})"
        _told(f"{options.replicas} {made_of}, behind HAProxy")
        if options.what == "run":
            with suppress(KeyboardInterrupt):
                _serve(around)
            return 0
        if options.what == "original":
            return original.run(around, engine, options.out)
        outcomes = [play(name, around) for name in options.scenario or SCENARIOS]
    sys.stdout.write(table.outcomes(outcomes))
    return int(any(outcome.failed for outcome in outcomes))


def _serve(around: Around) -> None:
    """Until Ctrl-C: what ends is replaced, and every change is told."""
    with around.cluster() as cluster:
        sys.stdout.write(f"Puntual is on {cluster.balancer.url} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        before: dict[int, str] = {}
        while not cluster.balancer.has_ended:
            states = cluster.balancer.states()
            for slot, replica in cluster.replicas.items():
                if states[slot] != before.get(slot):
                    _told(f"replica {slot}: {states[slot]}, {replica.url}")
            before = states
            cluster.mend()
            time.sleep(0.5)
        raise BalancerError("haproxy has ended")


def _told(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
