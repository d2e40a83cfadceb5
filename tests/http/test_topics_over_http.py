"""Each topic, typed in our own words and tapped."""

import pytest

TYPED = {
    "what_is_eczema": "what actually is atopic eczema",
    "gut_skin_link": "is there a connection between my gut and my skin",
    "gut_microbiome": "what is the microbiome in the gut",
    "immune_system": "how much of the immune system sits in the gut",
    "leaky_gut": "is leaky gut a real thing",
    "dysbiosis": "what does dysbiosis mean",
    "antibiotics": "do antibiotics upset gut bacteria and make eczema worse",
    "food_triggers": "which foods can set off eczema",
    "elimination_diet": "should I cut out dairy and eggs to see if my skin clears",
    "scfa": "what are short chain fatty acids",
    "improve_gut_health": "how can I look after my gut health",
    "does_it_help": "will fixing my gut make the eczema better",
    "fibre": "does eating more fibre help",
    "fermented_foods": "are kefir and sauerkraut good for eczema",
    "processed_food_sugar": "does sugar or junk food make eczema worse",
    "probiotics": "do probiotics work for eczema in adults",
    "stress": "can stress bring on a flare",
    "children": "does the gut link apply to kids with eczema too",
    "early_life": "does being born by caesarean or breastfed affect eczema",
    "child_probiotics": "should I give my toddler a probiotic for eczema",
    "seek_help": "when should I go to the doctor about my eczema",
    "who_to_see": "dermatologist or dietitian, who do I see",
    "gut_testing": "is a home stool microbiome test worth it",
    "individual": "why does what works for others not work for me",
    "membership": "how do I become a member of the association",
}


def test_every_topic_of_the_content_is_asked_about(content):
    assert set(TYPED) == set(content.topics)


@pytest.mark.parametrize("topic", TYPED)
def test_typed_topic_is_answered(visitor, topic):
    assert visitor.say(TYPED[topic])[0]["custom"]["topic"] == topic


@pytest.mark.parametrize("topic", TYPED)
def test_tapped_topic_is_answered_with_next_steps(visitor, topic):
    bubbles = visitor.say(f"/ask_{topic}")
    assert bubbles[0]["custom"]["topic"] == topic
    assert 1 <= len(bubbles[-1]["buttons"]) <= 3


def test_brand_and_dose_are_turned_down_before_the_answer(visitor, content):
    bubbles = visitor.say("how many billion CFU of probiotics for eczema")
    assert bubbles[0]["text"] == content.fill(content.deflections["dose"].text)
