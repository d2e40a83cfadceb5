"""Asks the guide on this machine how it is, for a container that has no other tool to ask with.

Exit code 0 when it can answer; else 1, and one line says why.
"""

import json
import os
import sys
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

LIMIT_SECONDS = 4.0


def main() -> int:
    """Ask GET /health on $PORT (5005)."""
    try:
        with urlopen(
            f"http://127.0.0.1:{os.environ.get('PORT') or 5005}/health", timeout=LIMIT_SECONDS
        ):
            return 0
    except HTTPError as error:
        print(json.loads(error.read() or b"{}").get("reason", error.reason), file=sys.stderr)
    except (OSError, HTTPException, ValueError) as error:
        print(f"The guide does not answer ({error})", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
