#!/usr/bin/env bash
# Installs Debian's packages that the checks of real containers need: in CI, as root. Elsewhere it says what is missing.
set -eu
missing=()
for package in buildah podman runc catatonit containernetworking-plugins debootstrap haproxy wrk default-jre-headless; do
  dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
command="apt-get install ${missing[*]}"
if [ "${CI:-}" != true ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not all checks of containers can be made here; as root on Debian: $command" >&2
  exit 0
fi
echo "Installing ${missing[*]} ..." >&2
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq && apt-get install -qq --yes --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 ||
  echo "apt-get cannot install them; what needs them is skipped: $command" >&2
