"""The guided FAQ: the reviewed answers as web pages that need no JavaScript."""

import base64
import hashlib
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from editorial.faq_tour import TourPage, tour_pages
from editorial.models import Content, FaqGroup, PhoneNumber, Topic
from editorial.replies import in_short, review_label

TEMPLATES = Path(__file__).resolve().parent / "templates" / "faq"
INDEX = "index"
# A hyphen, which no topic id has.
NUMBERS = "phone-numbers"
# The topic that every page leads to: when to see a doctor.
HELP = "seek_help"
DESCRIPTION_LENGTH = 155  # search engines cut what is longer
OTHER_TOPICS = "More questions"
COUNTRIES = {"AU": "Australia", "NZ": "New Zealand"}

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_WEB_LINK = re.compile(r"https?://", re.IGNORECASE)


class AddressRefused(ValueError):
    """The address of the FAQ cannot work; the text says why, and the remedy."""


@dataclass(frozen=True)
class Layout:
    """How the pages link to one another, and at what address of the web they stand, if known."""

    index: str
    prefix: str
    suffix: str
    chat: str | None = None
    address: str | None = None

    def link(self, name: str) -> str:
        """The link to a page: a topic's id, INDEX or NUMBERS."""
        return self.index if name == INDEX else f"{self.prefix}{name}{self.suffix}"

    def canonical(self, name: str) -> str | None:
        """The address that search engines are to show, or None where none is configured."""
        if self.address is None or name == INDEX:
            return self.address
        return f"{self.address.rstrip('/')}/{name}{self.suffix}"


def served(address: str | None = None) -> Layout:
    """The pages on the server that answers the chat, below /faq."""
    return Layout(index="/faq", prefix="/faq/", suffix="", chat="/chat", address=address)


def as_files(address: str | None = None) -> Layout:
    """The pages as files of one folder, for any web server."""
    return Layout(index="index.html", prefix="", suffix=".html", address=address)


def read_address(text: str) -> str | None:
    """The address of the list of questions, from a setting; None when it is empty.

    Raises AddressRefused for anything that is not a web address.
    """
    if not text:
        return None
    if not _ADDRESS.fullmatch(text):
        raise AddressRefused(
            f"FAQ_ADDRESS={text} is no address of a page; write it as https://www.example.org/faq"
        )
    return text


def write_pages(content: Content, folder: Path, address: str | None = None) -> int:
    """Write every page into `folder`, and give their number; pages of before are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.html"), folder / "sitemap.xml"]:
        old.unlink(missing_ok=True)
    layout = as_files(address)
    written = pages(content, layout)
    for name, text in written.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    if address:
        (folder / "sitemap.xml").write_text(sitemap(content, layout), encoding="utf-8")
    return len(written)


def pages(content: Content, layout: Layout) -> dict[str, str]:
    """The HTML of every page, by name: INDEX, NUMBERS, and a page for each topic in use."""
    book = _Book(content, layout)
    return {
        INDEX: book.index(),
        NUMBERS: book.numbers(),
        **{topic.id: book.topic(topic) for topic in in_use(content)},
        **{page.name: book.tour(page) for page in tour_pages(content)},
    }


def missing_page(content: Content, layout: Layout) -> str:
    """What is shown in place of a page that does not exist."""
    return _Book(content, layout).missing()


def sitemap(content: Content, layout: Layout) -> str:
    """The list of all pages for search engines; `layout` must have an address."""
    names = pages(content, layout)
    return (
        _environment()
        .get_template("sitemap.xml")
        .render(addresses=[layout.canonical(name) for name in names])
    )


def in_use(content: Content) -> list[Topic]:
    """The topics that are shown: all but the retired ones."""
    return [topic for topic in content.topics.values() if topic.status != "retired"]


def groups(content: Content) -> list[tuple[str, list[Topic]]]:
    """The topics in use under their headings; those that no group names come last."""
    named = {topic for group in content.faq.groups for topic in group.topics}
    rest = [topic.id for topic in in_use(content) if topic.id not in named]
    found = [*content.faq.groups, *([FaqGroup(title=OTHER_TOPICS, topics=rest)] if rest else [])]
    shown = {topic.id: topic for topic in in_use(content)}
    listed = [(group.title, [shown[t] for t in group.topics if t in shown]) for group in found]
    return [(title, topics) for title, topics in listed if topics]


def caution(content: Content, topic: Topic) -> str | None:
    """The short disclaimer, where the policy of content/disclaimers.yml asks for one."""
    policy = content.disclaimers.policy
    if topic.intent in policy["never"]:
        return None
    forms = {policy["about"][subject] for subject in topic.about}
    return content.disclaimers.short[0] if "short" in forms else None


def with_links(content: Content, text: str) -> str:
    """`text` as HTML, each {number} of it a link that calls."""
    links = {
        key: str(Markup('<a class="call" href="tel:{}">{}</a>').format(number.tel, number.display))
        for key, number in content.numbers.items()
    }
    return content.fill(str(escape(text)), **links)


def blocks(text: str) -> Iterator[tuple[Literal["text", "list"], list[str]]]:
    """The paragraphs and lists of a text: lines with a "- " in a row are one list."""
    items: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("- "):
            items.append(line[2:].strip())
            continue
        if items:
            yield "list", items
            items = []
        yield "text", [line]
    if items:
        yield "list", items


class _Book:
    """Fills the templates; all pages share the style, the notices and the emergency line."""

    def __init__(self, content: Content, layout: Layout) -> None:
        style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        self.content = content
        self.layout = layout
        self.environment = _environment()
        self.environment.filters["prose"] = lambda text: list(blocks(text))
        self.environment.filters["calls"] = lambda text: Markup(with_links(content, text))
        self.environment.globals |= {
            "canonical": layout.canonical,
            "chat": layout.chat,
            "content": content,
            "groups": groups(content),
            "help": next((topic for topic in in_use(content) if topic.id == HELP), None),
            "link": layout.link,
            "policy": policy(style),
            "style": Markup(style),
            "web_link": lambda url: bool(url and _WEB_LINK.match(url)),
        }

    def index(self) -> str:
        listed = {topic.id: self._lead(topic) for topic in in_use(self.content)}
        answers = [
            self._question(topic, self.content.fill(listed[topic.id]))
            for _, topics in groups(self.content)
            for topic in topics
        ]
        return self._fill(
            INDEX,
            title=self.content.faq.title,
            description=self.content.faq.introduction,
            draft=self._any_draft(),
            leads=listed,
            data=self._data(INDEX, self.content.faq.title, answers),
        )

    def topic(self, topic: Topic) -> str:
        content = self.content
        shown = {other.id: other for other in in_use(content)}
        answer = content.fill(topic.answer)
        return self._fill(
            topic.id,
            template="topic",
            topic=topic,
            title=topic.question,
            description=answer,
            draft=topic.status == "draft",
            group=next(title for title, topics in groups(content) if topic in topics),
            caution=caution(content, topic),
            evidence=content.evidence[topic.evidence.rating],
            people=[(content.service[f"person_{who}"][0], t) for who, t in topic.variants.items()],
            sources=[content.sources[key] for key in topic.sources],
            review=review_label(content, topic),
            related=[shown[other] for other in topic.see_also if other in shown],
            data=self._data(topic.id, topic.question, [self._question(topic, answer)]),
        )

    def numbers(self) -> str:
        faq = self.content.faq
        return self._fill(
            NUMBERS,
            title=faq.numbers_title,
            description=self.content.fill(faq.numbers_introduction),
            draft=faq.status == "draft",
            countries=_by_country(list(self.content.numbers.values())),
            data=None,
        )

    def tour(self, page: TourPage) -> str:
        return self._fill(
            page.name,
            template=page.template,
            title=page.title,
            description=page.description,
            draft=self.content.tour.status == "draft",
            data=None,
            **page.values,
        )

    def missing(self) -> str:
        faq = self.content.faq
        return self._fill(
            "missing", title="Page not found", description=faq.not_found, draft=False, data=None
        )

    def _fill(self, name: str, *, description: str, template: str = "", **values: Any) -> str:
        page = self.environment.get_template(f"{template or name}.html")
        short = textwrap.shorten(description, DESCRIPTION_LENGTH, placeholder=" …")
        return page.render(name=name, description=short, **values)

    def _lead(self, topic: Topic) -> str:
        """The first sentences of the answer, without the list that may follow."""
        _, [first, *_] = next(blocks(topic.answer))
        return in_short(first)

    def _any_draft(self) -> bool:
        return any(one.status == "draft" for one in [self.content.faq, *in_use(self.content)])

    def _data(self, name: str, title: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
        """What schema.org calls a FAQPage."""
        address = self.layout.canonical(name)
        return {
            "@context": "https://schema.org",
            "@type": "FAQPage",
            "name": title,
            "inLanguage": "en-AU",
            **({"url": address} if address else {}),
            "mainEntity": answers,
        }

    def _question(self, topic: Topic, answer: str) -> dict[str, Any]:
        address = self.layout.canonical(topic.id)
        return {
            "@type": "Question",
            "name": topic.question,
            "acceptedAnswer": {
                "@type": "Answer",
                "text": answer,
                **({"url": address} if address else {}),
            },
        }


def policy(style: str) -> str:
    """The content security policy of a page: its own `style`, an icon, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def style_policy() -> str:
    """The policy of every page, for a server to send as a header."""
    return policy((TEMPLATES / "style.css").read_text(encoding="utf-8"))


def _by_country(numbers: Sequence[PhoneNumber]) -> list[tuple[str, list[PhoneNumber]]]:
    """The numbers by country, without those that nobody has confirmed."""
    confirmed = [number for number in numbers if number.verified != "unconfirmed"]
    codes = dict.fromkeys(number.country for number in confirmed)
    return [
        (COUNTRIES.get(code, code), [number for number in confirmed if number.country == code])
        for code in codes
    ]


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
