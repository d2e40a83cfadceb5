"""What people type leaves nothing behind in spaCy's vocabularies, which would grow for ever."""

from concurrent.futures import ThreadPoolExecutor

from components.entities.finder import EntityFinder
from components.safety.gate import PATTERNS, SafetyGate
from components.understanding import parts

ALARM = "my son's lips are swelling and he can't breathe"


def kept(nlp):
    return len(nlp.vocab.strings)


def unheard_of(count):
    return [f"does zq{number}x help my zq{number}y? and zq{number}z?" for number in range(count)]


def test_safety_gate_keeps_no_word():
    gate = SafetyGate.from_file(PATTERNS)
    gate.check("hello")
    before = kept(gate.reader._nlp)
    for text in unheard_of(50):
        gate.check(text)
    assert kept(gate.reader._nlp) == before


def test_threads_that_read_at_once_do_not_free_each_others_words():
    """The pipeline and a channel that stands in for it share one gate."""
    gate = SafetyGate.from_file(PATTERNS)

    def levels(number):
        return [gate.check(f"{text} {number}z {ALARM}").level for text in unheard_of(40)]

    with ThreadPoolExecutor(4) as threads:
        assert set().union(*threads.map(levels, range(4))) == {"E"}


def test_entity_finder_keeps_no_word():
    finder = EntityFinder()
    finder.find("hello")
    before = kept(finder._nlp)
    for text in unheard_of(50):
        finder.find(text)
    assert kept(finder._nlp) == before


def test_splitter_keeps_no_word():
    parts.sentences("hello")
    before = kept(parts._splitter())
    for text in unheard_of(50):
        assert len(parts.questions(parts.sentences(text))) == 2
    assert kept(parts._splitter()) == before
