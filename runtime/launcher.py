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
from functools import partial
from pathlib import Path

import rasa.core.agent
import rasa.server
from rasa.core.run import serve_application
from rasa.core.utils import AvailableEndpoints
from rasa.shared.exceptions import RasaException
from ruamel.yaml.error import YAMLError
from sanic import Sanic

from channels.security_headers import add_headers
from channels.settings import SettingError
from channels.site import add_routes
from runtime.connections import set_limits, use_strict_protocol
from runtime.model_hash import (
    ALLOW_UNCHECKED_MODEL,
    ModelRefusedError,
    check_hash,
    newest_model,
)
from runtime.places import PlaceError, endpoints_file, model_dir, require_data_dir
from runtime.server_log import LogFormatError, log_as_asked
from runtime.turns import understand_ahead, watch
from store import retention
from store.forgetting_store import FrankTrackerStore
from store.retention_setting import retention_days

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
    try:
        require_data_dir()
        log_as_asked()
    except (PlaceError, LogFormatError) as error:
        raise CannotStart(str(error)) from None
    require_model(model_dir())
    # Rasa's own root page would take "/"; ours carries the chat and /health.
    rasa.server.add_root_route = add_site
    # channels/cross_origin.py says who may ask from where; Rasa's way looked at each answer again.
    rasa.server.configure_cors = lambda *_: None
    rasa.core.agent.FailSafeTrackerStore = FrankTrackerStore
    use_strict_protocol()
    print("  Starting the Gut–Skin Guide …", flush=True)
    try:
        retention_days()  # a senseless one ends the start
        serve_application(
            model_path=str(model_dir()),
            credentials="credentials.yml",
            endpoints=AvailableEndpoints.read_endpoints(str(endpoints_file())),
            interface=os.environ.get("HOST", EVERYWHERE),
            port=port,
            enable_api=False,
            server_listeners=[
                (set_limits, "before_server_start"),
                (partial(settle, port), "after_server_start"),
                (retention.begin, "after_server_start"),
                (retention.end, "before_server_stop"),
            ],
        )
    except (SettingError, RasaException) as error:
        raise CannotStart(" ".join(str(error).split())) from None
    except YAMLError as error:
        reason = " ".join(str(error).split())
        raise CannotStart(f"credentials.yml or {endpoints_file()} is not YAML: {reason}") from None


def add_site(app: Sanic) -> None:
    """The pages, and headers for whatever is answered."""
    add_headers(app)
    add_routes(app)


async def settle(port: int, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    """Understand once before anyone asks, give back the memory that loading took, and say so.

    Raises CannotStart where Rasa has gone on without a model it could not read.
    """
    if not app.ctx.agent.is_ready():
        logging.getLogger("sanic.error").addFilter(lambda _: False)  # one line says it all
        raise CannotStart(
            "The model cannot be read, perhaps because another version of the guide trained it; "
            "run `make train`"
        )
    understand_ahead(app.ctx.agent)
    watch(app.ctx.agent)
    await app.ctx.agent.parse_message("hello")
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    print(
        f"\n  The Gut–Skin Guide is at http://localhost:{port}/   (Ctrl-C stops it)\n", flush=True
    )


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
    """Raises CannotStart where there is no model, or the newest is another's or may be."""
    model = newest_model(folder)
    if model is None:
        raise CannotStart("There is no model yet; run `make train` first")
    try:
        if not check_hash(model):
            print(f"  {model.name} is not checked: {ALLOW_UNCHECKED_MODEL}=1", flush=True)
    except ModelRefusedError as refused:
        raise CannotStart(str(refused)) from None


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
