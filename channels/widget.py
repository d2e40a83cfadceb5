"""The widget for other websites: one module, with the reviewed wording written into it.

The wording travels inside the module, so that the emergency numbers stand there when the server
does not answer, and so that one request is enough.
"""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import rjsmin
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.readable import readable
from channels.static_file import StaticFile
from editorial.models import Content
from editorial.replies import privacy_text
from store.retention_setting import retention_days

WIDGET_DIR = Path(__file__).resolve().parent.parent / "widget"
ELEMENT = WIDGET_DIR / "element.js"
DEFINE = WIDGET_DIR / "define.js"
ADDRESS = "/widget/gut-skin-chat.js"
IMPORT = 'import { GutSkinChat } from "./element.js";'
PLACE_OF_WORDS = "/** @type {unknown} */ ({})"
JAVASCRIPT = "text/javascript; charset=utf-8"
# Pages of any site may load the module; which of them may talk to the guide is decided there.
FOR_EVERY_SITE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
MINUTES = {"Cache-Control": "public, max-age=300"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
# What the widget says without being asked, by its place there: keys of content/service.yml.
WORDS = {
    "emergency": "emergency_line",
    "greeting": "greeting",
    "away": "something_broke",
}

_NUMBER = re.compile(r"\{(\w+)\}")


def add_routes(app: Sanic, content: Content) -> None:
    """Serve the module: at an address that stays, and at one that names its very content."""
    module, element = module_text(content).encode(), element_text(content).encode()
    newest = StaticFile(module, JAVASCRIPT, {**FOR_EVERY_SITE, **MINUTES})
    pinned = StaticFile(module, JAVASCRIPT, {**FOR_EVERY_SITE, **FOREVER})
    files = {
        ADDRESS.rpartition("/")[2]: newest,
        ELEMENT.name: StaticFile(element, JAVASCRIPT, {**FOR_EVERY_SITE, **MINUTES}),
        pinned_address(module).rpartition("/")[2]: pinned,
    }

    @readable(app, "/widget/<name:str>", name="widget")
    async def widget(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            return response.json({"error": "There is no such file."}, status=404)
        return files[name].answer(request)


def module_text(content: Content) -> str:
    """The module as browsers get it: the element, and what registers it, as one file."""
    define = _read_with(DEFINE, IMPORT, "")
    return element_text(content) + "\n" + str(rjsmin.jsmin(define))


def element_text(content: Content, source: Path = ELEMENT) -> str:
    """The element alone: wording filled in, comments and spare blanks gone."""
    wording = json.dumps(words(content), ensure_ascii=False, separators=(",", ":"))
    return str(rjsmin.jsmin(_read_with(source, PLACE_OF_WORDS, wording)))


def _read_with(source: Path, place: str, text: str) -> str:
    """The file `source` with `text` in its one `place`; ValueError where that is not there once."""
    read = source.read_text(encoding="utf-8")
    if read.count(place) != 1:
        raise ValueError(f"{source.name} needs `{place}` once")
    return read.replace(place, text)


def words(content: Content) -> dict[str, Any]:
    """The fixed texts, as reply items: the text, and the numbers that it names."""
    texts = {place: content.service[key][0] for place, key in WORDS.items()}
    texts["privacy"] = privacy_text(content, retention_days())
    return {place: _item(content, text) for place, text in texts.items()}


def integrity(module: bytes) -> str:
    """The `integrity` attribute of a script tag that accepts `module` alone."""
    return "sha384-" + base64.b64encode(hashlib.sha384(module).digest()).decode()


def pinned_address(module: bytes) -> str:
    """An address that is `module` for ever: it names the content."""
    return f"/widget/gut-skin-chat.{hashlib.sha256(module).hexdigest()[:12]}.js"


def _item(content: Content, text: str) -> dict[str, Any]:
    numbers = [content.numbers[key] for key in _NUMBER.findall(text) if key in content.numbers]
    contacts = [
        {
            "name": number.name,
            "display": number.display,
            "tel": number.tel,
            "country": number.country,
        }
        for number in numbers
    ]
    return {"text": content.fill(text), "custom": {"contacts": contacts}}
