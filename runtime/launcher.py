"""`make run`: one server with the page, the chat and the actions in one process."""

import asyncio
import contextlib
import ctypes
import errno
import gc
import logging
import os
import socket
import sys
import warnings
from functools import partial
from pathlib import Path

import rasa.core.agent
import rasa.server
from rasa.core.run import serve_application
from rasa.core.utils import AvailableEndpoints
from rasa.shared.exceptions import RasaException
from rasa.utils.log_utils import configure_structlog
from ruamel.yaml.error import YAMLError
from sanic import Sanic

from channels.settings import SettingError
from channels.site import add_routes
from runtime.error_log import FORMAT, WithoutValues
from runtime.forgetting_store import FrankTrackerStore

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 5005
EVERYWHERE = "0.0.0.0"


class CannotStart(SystemExit):
    """Ends the launcher with one clear line."""


def main() -> None:
    """Serve the newest model of `models/` on $PORT (5005)."""
    os.chdir(PROJECT)
    port = wanted_port(os.environ.get("PORT", ""))
    require_free(port)
    require_model(PROJECT / "models")
    silence_libraries()
    # Rasa's own root page would take "/"; ours carries the chat and /health.
    rasa.server.add_root_route = add_routes
    rasa.core.agent.FailSafeTrackerStore = FrankTrackerStore
    print("  Starting the Gut–Skin Guide …", flush=True)
    try:
        serve_application(
            model_path="models",
            credentials="credentials.yml",
            endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"),
            interface=os.environ.get("HOST", EVERYWHERE),
            port=port,
            enable_api=False,
            server_listeners=[(partial(settle, port), "after_server_start")],
        )
    except (SettingError, RasaException) as error:
        raise CannotStart(" ".join(str(error).split())) from None
    except YAMLError as error:
        reason = " ".join(str(error).split())
        raise CannotStart(f"credentials.yml or endpoints.yml is not YAML: {reason}") from None


async def settle(port: int, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    """Understand once before anyone asks, give back the memory that loading took, and say so."""
    await app.ctx.agent.parse_message("hello")
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    print(
        f"\n  The Gut–Skin Guide is at http://localhost:{port}/   (Ctrl-C stops it)\n", flush=True
    )


def silence_libraries() -> None:
    """Warnings and errors only: Rasa logs what people write at INFO and below."""
    warnings.simplefilter("ignore")
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutValues(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    configure_structlog(logging.WARNING)


def wanted_port(text: str) -> int:
    """The port named by $PORT; raises CannotStart for anything but 1–65535."""
    if not text:
        return DEFAULT_PORT
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT={text} is not a port; use a number from 1 to 65535")
    return int(text)


def require_free(port: int) -> None:
    """Raises CannotStart when something else listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((EVERYWHERE, port))
        except OSError as error:
            raise CannotStart(_why_not(error, port)) from None


def _why_not(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken; stop what uses it or choose another: make run PORT=5010"
    return f"Port {port} cannot be used ({error.strerror}); choose another: make run PORT=5010"


def require_model(folder: Path) -> None:
    """Raises CannotStart when no model has been trained."""
    if not any(folder.glob("*.tar.gz")):
        raise CannotStart("There is no model yet; run `make train` first")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
