"""What may tell who asked is taken out, and the question stays readable."""

import pytest

from editorial.anonymise import Anonymiser

KNOWN = """
    my name is i'm i am worried eczema does kefir help call me on or the what about and has it he
    she our we live at born reach card number daughter son called a skin for gp from doctor says
    in hello thanks yoghurt gut dermatitis can nurse flare allergic
    """.split()  # noqa: SIM905
ANONYMISE = Anonymiser(KNOWN)

# What stands in the question, and what must be gone.
TELLING = {
    "email": ("call me on jo.bloggs+gut@example.co.nz or", "bloggs"),
    "mobile, Australia": ("call me on 0412 345 678", "345"),
    "mobile, joined": ("call me on 0412345678.", "0412345678"),
    "landline with brackets": ("call me on (03) 9876-5432", "9876"),
    "international": ("call me on +64 21 123 4567", "123"),
    "Medicare": ("card number 2123 45670 1", "45670"),
    "Medicare with a wrong check digit": ("card number 2123456799", "2123456799"),
    "NHI": ("my number is ZZZ0016", "ZZZ0016"),
    "NHI in lower case": ("my number is zzz0016", "zzz0016"),
    "NHI of the new form": ("my number is ZBN77VL", "ZBN77VL"),
    "date of birth": ("born 12/03/2019", "2019"),
    "date of birth in words": ("born 12 March 2019", "March 2019"),
    "date of birth the other way": ("born March 3rd, 2019", "2019"),
    "address": ("we live at 12 Smith Street", "Smith"),
    "address in lower case": ("we live at 3a smith st", "smith"),
    "unit": ("we live at 4/12 Old Mill Rd", "Mill"),
    "postcode": ("postcode 3056", "3056"),
    "link": ("reach me at https://example.org/people/jo", "people"),
    "handle": ("reach me at @jobloggs", "jobloggs"),
    "name": ("my name is Sarah", "Sarah"),
    "name in lower case": ("my name is sarah", "sarah"),
    "name that is a word": ("my name is Skin", "Skin"),
    "short introduction": ("I'm Sarah", "Sarah"),
    "short introduction in lower case": ("im sarah and my skin", "sarah"),
    "with a curly apostrophe": ("I’m Sarah", "Sarah"),
    "child": ("my daughter Mia has eczema", "Mia"),
    "child called": ("my son called mikaere", "mikaere"),
    "title": ("Dr Nguyen says", "Nguyen"),
    "title in lower case": ("mrs nguyen says", "nguyen"),
    "two names": ("my name is Mary-Jane O'Brien and", "Brien"),
    "possessive": ("what about Mia's skin", "Mia"),
    "place": ("a gp in Wagga", "Wagga"),
    "first words": ("Mia Jones has eczema", "Jones"),
    "signed": ("what about kefir? Thanks, from ngaire", "ngaire"),
}  # fmt: skip

UNTOUCHED = [
    "does kefir help my eczema?",
    "I'm worried about my skin",
    "Does it help? My GP says eczema",
    "I am allergic and my doctor says it is eczema",
    "our daughter has had eczema for 12 weeks, 38.5 in the night",
    "2 or 3 yoghurt a day, 10 to 15 minutes",
    "what about l. reuteri and omega-3",
    "Kefir. Kefir? Does kefir help",
]


@pytest.mark.parametrize("kind", TELLING)
def test_what_tells_who_asked_is_gone(kind):
    text, telling = TELLING[kind]
    said = ANONYMISE(text)
    assert telling.lower() not in said.lower()
    assert "[" in said and "[[" not in said


@pytest.mark.parametrize("text", UNTOUCHED)
def test_question_without_a_person_is_left_as_it_is(text):
    assert Anonymiser([*KNOWN, *text.lower().replace("?", "").split(), "gp"])(text) == text


def test_everything_at_once_is_still_a_question():
    text = "Hello, I'm Sarah Jones, 0412 345 678. Does kefir help my daughter Mia's eczema?"
    said = ANONYMISE(text)
    assert said == ("Hello, I'm [name], [number]. Does kefir help my daughter [name] eczema?")


def test_anonymised_text_is_not_changed_again():
    for text, _ in TELLING.values():
        assert ANONYMISE(ANONYMISE(text)) == ANONYMISE(text)
