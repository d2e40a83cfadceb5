#!/usr/bin/env bash
# Makes .venv with exactly the locked packages. Usage: runtime/setup.sh requirements.lock
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1

say() { printf '%s\n' "$*" >&2; }
stop() { say "Setup stopped: $*"; exit 1; }

# A pyenv shim answers to the name python3.12 even where that version is not active,
# so each candidate is asked to run.
find_python() {
  local candidate
  for candidate in python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
}

free_kilobytes=$(df -Pk . | awk 'NR == 2 {print $4}')
[ "$free_kilobytes" -gt 2500000 ] || stop "less than 2.5 GB of disk are free here; make room and run it again"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

if [ ! -x .uv/bin/uv ] || [ requirements-setup.lock -nt .uv/.ready ]; then
  say "Fetching the installer (uv) …"
  python3 -m venv .uv >"$log" 2>&1 || stop "python3 cannot make environments (on Debian or Ubuntu: apt install python3-venv)"
  .uv/bin/python -m pip install --quiet --require-hashes --requirement requirements-setup.lock >"$log" 2>&1 || stop "the package index cannot be reached; check the network or proxy. $(tail -n 1 "$log")"
  touch .uv/.ready
fi

python=$(find_python || true)
if [ -z "$python" ]; then
  say "Python 3.12 is not installed; asking uv for one …"
  .uv/bin/uv python install 3.12 >"$log" 2>&1 || stop "Python 3.12 is missing; install it (python.org, apt install python3.12, or pyenv install 3.12) and run it again"
  python=3.12
fi

[ -x .venv/bin/python ] || .uv/bin/uv venv --quiet --python "$python" .venv >"$log" 2>&1 || stop "$(tail -n 1 "$log")"

# multidict has no wheel for Python 3.12; without a compiler it does without its faster part.
command -v cc >/dev/null || export MULTIDICT_NO_EXTENSIONS=1

say "Installing the packages of $lock …"
VIRTUAL_ENV=.venv .uv/bin/uv pip sync --quiet --require-hashes "$lock" >"$log" 2>&1 || stop "packages could not be installed; check the network and the free disk. It said:$(printf '\n'; tail -n 12 "$log")"

# Makes the plain `rasa` command lean, and the project importable, in this environment.
site_packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf 'import sys; sys.path.insert(0, "%s")\nimport runtime.lean_rasa; runtime.lean_rasa.install()\n' "$PWD" >"$site_packages/gut_skin_guide.pth"
say "Ready: $(.venv/bin/python --version) in .venv"
