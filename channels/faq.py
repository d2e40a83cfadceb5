"""The guided FAQ on the server that answers the chat; the pages are made once, at the start."""

import os

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.readable import readable
from channels.settings import SettingError
from channels.static_file import StaticFile
from editorial import faq
from editorial.models import Content

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
SITEMAP = "sitemap.xml"


def add_routes(app: Sanic, content: Content) -> None:
    """Serve /faq and /faq/<topic>; with FAQ_ADDRESS set, also /faq/sitemap.xml."""
    layout = faq.served(configured_address())
    # Stricter than the site's: the pages have no script, and a style of their own.
    locked = {"Content-Security-Policy": f"{faq.style_policy()}; frame-ancestors 'none'"}
    files = {
        name: StaticFile(text.encode(), HTML, locked)
        for name, text in faq.pages(content, layout).items()
    }
    index = files.pop(faq.INDEX)
    if layout.address:
        files[SITEMAP] = StaticFile(faq.sitemap(content, layout).encode(), XML)
    missing = faq.missing_page(content, layout)
    headers = {**StaticFile(b"", HTML, locked).headers}

    @readable(app, "/faq", name="faq_index")
    async def questions(request: Request) -> HTTPResponse:
        return index.answer(request)

    @readable(app, "/faq/<name:str>", name="faq_page")
    async def question(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            return response.html(missing, status=404, headers=headers)
        return files[name].answer(request)


def configured_address() -> str | None:
    """The address of the FAQ on the web, if the operator names one; raises SettingError."""
    try:
        return faq.read_address(os.environ.get("FAQ_ADDRESS", ""))
    except faq.AddressRefused as refused:
        raise SettingError(str(refused)) from None
