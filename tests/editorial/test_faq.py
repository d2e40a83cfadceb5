"""The pages of the guided FAQ, made from the real content and from content that is changed."""

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from content_tree import Tree

from editorial import faq
from editorial.__main__ import main
from editorial.content import CONTENT_DIR, Content, load_content
from editorial.faq_tour import tour_pages
from editorial.models import Review

REAL = load_content()
TOPICS = sorted(topic.id for topic in faq.in_use(REAL))
TOUR = [page.name for page in tour_pages(REAL)]
SITE = "https://guide.example.org/faq"
HOSTILE = '<img src=x onerror=alert(1)> & "quoted" </script><script>alert(2)</script>'


class Reader(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.metas: dict[str, str] = {}
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.data = ""
        self.words = ""
        self.title = ""
        self._open = ""
        self.feed(text)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self._open = tag
        if tag in ("a", "link"):
            self.links.append(found)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "meta" and found.get("name"):
            self.metas[str(found["name"])] = str(found["content"])
        if tag in ("p", "li", "h1", "h2", "h3", "ul"):
            self.words += " "

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.data += data
        elif self._open == "title":
            self.title += data
        elif self._open != "style":
            self.words += data

    def hrefs(self) -> Iterator[str]:
        return (str(link["href"]) for link in self.links if link.get("rel") != "icon")


def said(text: str) -> str:
    """A text as a reader of the page finds it: numbers filled in, bullets gone."""
    return " ".join(re.sub(r"^- ", "", REAL.fill(text), flags=re.MULTILINE).split())


def changed(topic_id: str = "fibre", **fields: object) -> Content:
    """The real content with some fields of a topic replaced."""
    topic = REAL.topics[topic_id].copy(update=fields)
    return dataclasses.replace(REAL, topics={**REAL.topics, topic_id: topic})


def page(name: str, content: Content = REAL, layout: faq.Layout | None = None) -> Reader:
    return Reader(faq.pages(content, layout or faq.as_files())[name])


@pytest.fixture(scope="module")
def readers() -> dict[str, Reader]:
    return {name: Reader(text) for name, text in faq.pages(REAL, faq.as_files()).items()}


@pytest.mark.parametrize("topic_id", TOPICS)
def test_page_of_a_topic_says_all_that_was_written(
    readers: dict[str, Reader], topic_id: str
) -> None:
    topic, words = REAL.topics[topic_id], readers[topic_id].words
    for text in (
        topic.question,
        topic.answer,
        topic.more,
        *topic.variants.values(),
        REAL.evidence[topic.evidence.rating].label,
        REAL.evidence[topic.evidence.rating].meaning,
        topic.evidence.note,
        topic.gp.why or "",
        *(topic.gp.ask if topic.gp.why else []),
        *(REAL.sources[key].title for key in topic.sources),
        *(REAL.sources[key].publisher for key in topic.sources),
    ):
        assert said(text) in words


@pytest.mark.parametrize("topic_id", TOPICS)
def test_list_leads_to_each_topic_once_and_shows_its_question(
    readers: dict[str, Reader], topic_id: str
) -> None:
    assert list(readers["index"].hrefs()).count(f"{topic_id}.html") == (
        2 if topic_id == faq.HELP else 1
    )
    assert REAL.topics[topic_id].question in readers["index"].words


@pytest.mark.parametrize("name", ["index", "phone-numbers", *TOPICS, *TOUR])
def test_every_page_has_emergency_numbers_notice_title_and_description(
    readers: dict[str, Reader], name: str
) -> None:
    found = readers[name]
    tapped = [href for href in found.hrefs() if href.startswith("tel:")]
    assert tapped[:2] == ["tel:000", "tel:111"]
    assert found.words.startswith("Emergency: 000 in Australia, 111 in New Zealand.")
    assert REAL.faq.notice in found.words and REAL.faq.draft_notice in found.words
    assert found.title.endswith(" – Gut–Skin Guide")
    assert 50 < len(found.metas["description"]) <= faq.DESCRIPTION_LENGTH
    assert found.tags.count("h1") == 1


def test_titles_and_descriptions_differ(readers: dict[str, Reader]) -> None:
    assert len({found.title for found in readers.values()}) == len(readers)
    assert len({found.metas["description"] for found in readers.values()}) == len(readers)


def test_every_link_of_the_files_leads_somewhere(readers: dict[str, Reader]) -> None:
    numbers = {f"tel:{number.tel}" for number in REAL.numbers.values()}
    for found in readers.values():
        for href in found.hrefs():
            if href.startswith("#"):
                assert href[1:] in found.ids
            elif href.startswith("tel:"):
                assert href in numbers
            elif not href.startswith("https://"):
                assert href.removesuffix(".html") in readers and href.endswith(".html")
        assert len(found.ids) == len(set(found.ids))


@pytest.mark.parametrize("name", ["index", *TOPICS])
def test_structured_data_says_what_the_page_says(readers: dict[str, Reader], name: str) -> None:
    data = json.loads(readers[name].data)
    assert (data["@context"], data["@type"]) == ("https://schema.org", "FAQPage")
    assert len(data["mainEntity"]) == (len(TOPICS) if name == "index" else 1)
    for question in data["mainEntity"]:
        assert (question["@type"], question["acceptedAnswer"]["@type"]) == ("Question", "Answer")
        assert question["name"] in readers[name].words
        assert said(question["acceptedAnswer"]["text"]) in readers[name].words
    assert "url" not in data


def test_pages_hold_no_script_and_load_nothing(readers: dict[str, Reader]) -> None:
    for found in readers.values():
        assert found.tags.count("script") == (1 if found.data else 0)
        assert not {"img", "iframe", "form", "object"} & set(found.tags)
        sheets = [link for link in found.links if link.get("rel") == "stylesheet"]
        assert sheets == []


def test_reviewed_words_never_become_markup() -> None:
    source = REAL.sources["article"].copy(update={"title": HOSTILE, "url": "javascript:alert(3)"})
    content = changed(title=HOSTILE, question=HOSTILE, answer=f"{HOSTILE}\n- {HOSTILE}")
    content = dataclasses.replace(content, sources={**content.sources, "article": source})
    made = faq.pages(content, faq.as_files())
    for name in ("index", "fibre"):
        assert "<img" not in made[name] and "<script>" not in made[name]
        found = Reader(made[name])
        assert json.loads(found.data)
        assert HOSTILE in found.words
        assert not any("javascript:" in href for href in found.hrefs())


def test_retired_topic_has_no_page_and_no_link() -> None:
    made = faq.pages(changed("stress", status="retired"), faq.as_files())
    assert "stress" not in made
    assert not any("stress.html" in text for text in made.values())


def test_topic_that_no_group_names_is_still_listed() -> None:
    groups = [
        group.copy(update={"topics": [topic for topic in group.topics if topic != "fibre"]})
        for group in REAL.faq.groups
    ]
    content = dataclasses.replace(REAL, faq=REAL.faq.copy(update={"groups": groups}))
    title, topics = faq.groups(content)[-1]
    assert (title, [topic.id for topic in topics]) == (faq.OTHER_TOPICS, ["fibre"])
    assert "fibre.html" in page("index", content).hrefs()


def test_published_topic_is_no_draft_and_says_when_it_was_reviewed() -> None:
    review = Review(by="A clinician", on=date(2026, 11, 30), next=date(2027, 5, 30))
    found = page("fibre", changed(status="published", review=review))
    assert REAL.faq.draft_notice not in found.words
    assert REAL.faq.notice in found.words
    assert "Reviewed on 30 November 2026" in found.words


@pytest.mark.parametrize(
    ("topic_id", "warned"), [("probiotics", True), ("gut_microbiome", False), ("membership", False)]
)
def test_caution_stands_where_the_policy_asks_for_it(topic_id: str, warned: bool) -> None:
    assert (REAL.disclaimers.short[0] in page(topic_id).words) is warned


def test_number_that_nobody_confirmed_is_not_listed() -> None:
    unsure = [number for number in REAL.numbers.values() if number.verified == "unconfirmed"]
    found = list(page("phone-numbers").hrefs())
    assert unsure and not any(f"tel:{number.tel}" in found for number in unsure)


def test_topic_without_gp_line_has_no_heading_for_it() -> None:
    assert "When to see a GP" not in page("membership").words
    assert "When to see a GP" in page("fibre").words


def test_without_an_address_no_page_names_one(readers: dict[str, Reader]) -> None:
    rels = [link.get("rel") for found in readers.values() for link in found.links]
    assert "canonical" not in rels


@pytest.mark.parametrize(
    ("layout", "name", "address"),
    [
        (faq.served(SITE), "index", SITE),
        (faq.served(SITE), "fibre", f"{SITE}/fibre"),
        (faq.as_files(f"{SITE}/"), "index", f"{SITE}/"),
        (faq.as_files(f"{SITE}/"), "fibre", f"{SITE}/fibre.html"),
    ],
)
def test_configured_address_is_the_canonical_one(
    layout: faq.Layout, name: str, address: str
) -> None:
    found = page(name, layout=layout)
    [canonical] = [link["href"] for link in found.links if link.get("rel") == "canonical"]
    assert canonical == address == json.loads(found.data)["url"]


def test_sitemap_lists_every_page() -> None:
    tree = ElementTree.fromstring(faq.sitemap(REAL, faq.served(SITE)).encode())
    listed = [node.text for node in tree.iter() if node.tag.endswith("loc")]
    assert len(listed) == len(set(listed)) == len(TOPICS) + len(TOUR) + 2
    assert {SITE, f"{SITE}/fibre", f"{SITE}/phone-numbers"} <= set(listed)


@pytest.mark.parametrize(
    "text", ["guide.example.org", "javascript:alert(1)", "https://", "https://x.org/?a=b", "/faq"]
)
def test_senseless_address_is_refused(text: str) -> None:
    with pytest.raises(faq.AddressRefused, match="write it as https://"):
        faq.read_address(text)


@pytest.mark.parametrize("text", [SITE, "http://localhost:5005/faq", "https://x.org"])
def test_address_of_a_page_is_taken(text: str) -> None:
    assert faq.read_address(text) == text
    assert faq.read_address("") is None


def test_lists_and_paragraphs_are_told_apart() -> None:
    text = "Go if:\n- it hurts\n- it spreads\n\nStay calm.\n- last"
    assert list(faq.blocks(text)) == [
        ("text", ["Go if:"]),
        ("list", ["it hurts", "it spreads"]),
        ("text", ["Stay calm."]),
        ("list", ["last"]),
    ]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FAQ_ADDRESS", raising=False)
    shutil.copytree(CONTENT_DIR, tmp_path / "content")
    return tmp_path


def test_command_writes_every_page_and_removes_those_of_before(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = root / "results" / "faq"
    folder.mkdir(parents=True)
    (folder / "retired_long_ago.html").write_text("old", encoding="utf-8")
    assert main(["--root", str(root), "faq"]) == 0
    assert {file.stem for file in folder.iterdir()} == {
        *("index", "phone-numbers"),
        *TOPICS,
        *TOUR,
    }
    assert str(folder / "index.html") in capsys.readouterr().out


def test_command_writes_a_sitemap_when_the_address_is_known(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAQ_ADDRESS", SITE)
    assert main(["--root", str(root), "faq"]) == 0
    assert f"{SITE}/fibre.html" in (root / "results/faq/sitemap.xml").read_text(encoding="utf-8")


def test_command_refuses_a_senseless_address_in_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAQ_ADDRESS", "our website")
    assert main(["--root", str(root), "faq"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("FAQ_ADDRESS=our website is no address")
    assert not (root / "results").exists()


def test_command_names_what_is_wrong_with_the_content(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "content/topics/fibre.yml").write_text("title: Fibre\n", encoding="utf-8")
    assert main(["--root", str(root), "faq"]) == 1
    assert "content/topics/fibre.yml: `answer` is missing" in capsys.readouterr().err


def test_group_with_an_unknown_topic_is_a_problem(tree: Tree) -> None:
    groups = [{"title": "All", "topics": ["fibre", "stress", "yoghurt", "bathing", "fibre"]}]
    tree.change("content/faq.yml", "groups", groups)
    assert [line.removeprefix("content/faq.yml: ") for line in tree.problems()] == [
        "groups bathing, which is no topic in use; mend or remove the id",
        "groups fibre more than once; leave it in one group",
    ]


def test_topic_in_no_group_is_noted(tree: Tree) -> None:
    tree.change("content/faq.yml", "groups", [{"title": "All", "topics": ["fibre", "stress"]}])
    [problem] = tree.problems()
    assert problem.startswith("content/topics/yoghurt.yml: notice: is in no group")


@pytest.mark.parametrize("path", ["me", "carer", "supporter"])
def test_the_tour_can_be_walked_page_by_page(path: str) -> None:
    """Its whole wording is there, each step leads to the next, and the address keeps the place."""
    made = faq.pages(REAL, faq.served())
    steps = REAL.tour.paths[path].steps
    for number, step in enumerate(steps, 1):
        text = made[f"tour-{path}-{number}"]
        following = number + 1 if number < len(steps) else "end"
        assert f"Step {number} of {len(steps)} · {REAL.tour.steps[step].title}" in text
        assert said(REAL.tour.steps[step].text) in Reader(text).words
        assert f'class="next" href="/faq/tour-{path}-{following}"' in text
        assert f'href="/faq/tour-{path}-{number}" aria-current="step"' in text
    end = Reader(made[f"tour-{path}-end"]).words
    its = REAL.tour.paths[path]
    recaps = [REAL.tour.steps[step].recap for step in steps]
    asked = [text for one in REAL.tour.quiz for text in (one.question, one.explained)]
    for line in (*recaps, *its.try_this_week, *its.gp_ask, *asked):
        assert said(line) in end
