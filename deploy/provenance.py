"""Writes what an image was built from and by what, as a predicate that cosign attests.

    python3 deploy/provenance.py --project P --build ID --commit SHA --config deploy/cloudbuild.yaml

References
----------
SLSA, Provenance v1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

BUILD_TYPE = "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1"


def provenance(project: str, build: str, commit: str, config: bytes) -> dict[str, Any]:
    """The predicate.

    Examples
    --------
    >>> told = provenance("p", "b", "c", b"steps: []")
    >>> told["buildDefinition"]["resolvedDependencies"][0]["digest"]
    {'gitCommit': 'c'}
    """
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {"config": {"sha256": hashlib.sha256(config).hexdigest()}},
            "internalParameters": {},
            "resolvedDependencies": [{"name": "source", "digest": {"gitCommit": commit}}],
        },
        "runDetails": {
            "builder": {"id": f"https://cloudbuild.googleapis.com/projects/{project}"},
            "metadata": {"invocationId": build},
        },
    }


def main() -> None:
    """Write it to standard output."""
    parser = argparse.ArgumentParser(prog="deploy/provenance.py")
    for name in ("project", "build", "commit"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--config", type=Path, required=True)
    options = parser.parse_args()
    told = provenance(options.project, options.build, options.commit, options.config.read_bytes())
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
