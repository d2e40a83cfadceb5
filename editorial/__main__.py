"""The command line: `python -m editorial check`, `new-topic`, `faq` and `tour`."""

import argparse
import os
import sys
from pathlib import Path

from editorial import check, faq, new_topic
from editorial.content import ContentError, load_content
from editorial.project import ROOT, read_project
from editorial.tour_transcript import transcript


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "new-topic":
        return _new_topic(options.id, options.root)
    if options.command == "faq":
        return _faq(options.root)
    if options.command == "tour":
        return _tour(options.root)
    return _check(options.root, options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="editorial", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to work on")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="say everything that is wrong, and how to mend it")
    checking.add_argument("--json", action="store_true", help="print the problems as JSON")
    creating = commands.add_parser("new-topic", help="write the skeleton of a new topic")
    creating.add_argument("--id", required=True, help="its id, such as leaky_gut")
    commands.add_parser("faq", help="write the guided FAQ as web pages into results/faq")
    commands.add_parser("tour", help="write docs/tour.md, the tour as it reads")
    return parser


def _check(root: Path, as_json: bool) -> int:
    project = read_project(root)
    problems = check.find_problems(project)
    print(check.as_json(problems) if as_json else check.as_lines(project, problems))
    return 1 if check.has_errors(problems) else 0


def _tour(root: Path) -> int:
    page = root / "docs/tour.md"
    page.write_text(transcript(load_content(root / "content")), encoding="utf-8")
    print(f"Written: {page.relative_to(root)}")
    return 0


def _new_topic(topic_id: str, root: Path) -> int:
    try:
        new_topic.write_topic(topic_id, root)
    except new_topic.TopicRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(new_topic.next_steps(topic_id))
    return 0


def _faq(root: Path) -> int:
    folder = root / "results" / "faq"
    try:
        address = faq.read_address(os.environ.get("FAQ_ADDRESS", ""))
        written = faq.write_pages(load_content(root / "content"), folder, address)
    except (faq.AddressRefused, ContentError) as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"{written} pages are in {folder}; open {folder / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
