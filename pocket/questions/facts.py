"""Closed-book facts, which a model can only answer from its weights.

Every fact appears in training; the phrasings of the `calibration` and `test` splits do not.
"""

from __future__ import annotations

import random
from itertools import accumulate

from .base import NOT_SURE, Phrasings, Question, Split, build, expand, phrase
from .book_asks import ASKS
from .book_culture import CULTURE
from .book_nature import NATURE
from .book_world import WORLD

DOMAIN = "facts"

FACTS: dict[str, dict[str, str]] = {**WORLD, **NATURE, **CULTURE, **ASKS}
"""relation -> key (a pattern) -> answer."""

_T = "(what is|what's|whats|tell me|name|give me|say|)"
_THING = "(the |)"

PHRASINGS: Phrasings = {
    "capital": (
        f"{_T} {_THING}capital (city |)of {{k}}", f"{_T} {{k}}'s capital(| city)", "{k} capital(| city)",
        "(which|what) city is (the |)capital (city |)of {k}", "capital (city |)(of|for|in) {k}",
        "(which|what) (city |)is {k}'s capital", "(the |)capital of {k} is(| what| which city| called)",
        "(what|which) capital (city |)does {k} have", "{k} has (what|which) capital", "{k}, capital city",
        "(what|which) (is|city is) the seat of government (of|in) {k}", "how is the capital of {k} called",
        "what is the name of the capital (city |)of {k}", "capital: {k}", "what do they call the capital of {k}",
    ),
    "continent": (
        "(which|what|on which|on what|in which|in what) continent is {k}(| in| on| located in)",
        f"{_T} {_THING}continent (of|for) {{k}}", "{k} continent", "continent of {k}",
        "(which|what) continent does {k} belong to", "{k} is (in|on|part of) (which|what) continent",
        "where is {k}", "(in |)(what|which) part of the world is {k}", "where is {k} located",
        "where (can i|do i) find {k}(| on the map)", "where in the world is {k}",
        "{k} (is in|belongs to) which continent", "which continent (has|contains) {k}",
    ),
    "currency": (
        f"{_T} {_THING}(currency|money) (of|in|used in|for) {{k}}", "{k} (currency|money)", "currency (of|in|for) {k}",
        "(which|what) (currency|money) (does|do) {k} (use|have)", "{k}'s (currency|money)",
        "(which|what) (currency|money) is used in {k}", "{k} uses (which|what) (currency|money)",
        "(which|what) (currency|money) do (people|they|you) (use|pay with|have|need) in {k}",
        "(how|with what|with which money) do (people|you|they) pay in {k}", "what is the money (of|in) {k} called",
        "what do (people|they|you) pay with in {k}", "what kind of money (is used|do they have) in {k}",
    ),
    "language": (
        f"{_T} {_THING}(official |main |national |)language (of|in|spoken in) {{k}}", "{k} (language|official language)",
        "(which|what) language (do|does) (people|they|one) speak in {k}", "language (of|in|spoken in) {k}",
        "(which|what) language is (spoken|used|talked) in {k}", "{k}'s (official |)language",
        "what do (people|they) speak in {k}", "(which|what) language does {k} (have|speak|use)",
        "people in {k} speak (what|which language)", "(which|what) (is the |)tongue (is |)(spoken |)in {k}",
    ),
    "capital of which": (
        "{k} is the capital of (what|which country|what country|where)", "(which|what) country has {k} as (its |)capital",
        "(which|what) country's capital is {k}", "{k} is (which country's|what country's) capital",
        "of (which|what) country is {k} the capital", "(which|what) country is {k} (the |)capital of", "{k} capital of which country",
    ),
    "country of city": (
        "(which|what|in which|in what) country is {k}(| in| located in)", "(in |)(which|what) country is (the city of |the city |){k}(| in)",
        "{k} is in (which|what) country", "where is {k}", "where is (the city of|the city) {k}", "(where|in which country) (can i|do i) find {k}",
        "{k} country", "country of {k}", "what country does {k} belong to", "{k} is (located |)in what country", "{k} is a city in (which|what) country", "where is {k} located",
    ),
    "symbol": (
        f"{_T} {_THING}(chemical |)symbol (of|for) (the element |){{k}}", "{k} (chemical |element |)symbol", "(chemical |)symbol (of|for) {k}",
        "(which|what) (chemical |)symbol (does|has) (the element |){k}(| have)", "(the element |){k} is written (with what symbol|how)",
        "(which|what) (chemical |)symbol (stands for|is used for|represents|means) {k}", "{k} in the periodic table",
        "(which|what) (letter|letters) (stand|stands) for {k}(| in chemistry)", "abbreviation (of|for) (the element |){k}", "periodic table symbol for {k}",
        "how do (you|chemists) (write|abbreviate) (the element |){k}(| in chemistry)", "{k}'s chemical symbol",
    ),
    "element": (
        "(which|what) element (has the symbol|is|has the chemical symbol|is written) {k}", "(what is|what's) (the |)element {k}",
        "(what|which element) does (the symbol |){k} stand for in (chemistry|the periodic table)", "(the |)chemical (element|symbol) {k}", "{k} is the (chemical |)symbol (of|for) (what|which element)", "element with (the |)symbol {k}", "element {k}", "name of the element {k}", "symbol {k} is (what|which) element",
    ),
    "atomic number": (
        f"{_T} {_THING}atomic number (of|for) {{k}}", "{k} atomic number", "atomic number (of|for) (the element |){k}", "how many protons (does|has) {k}(| have)", "how many protons (are |)in {k}", "number of protons (in|of) {k}", "(which|what) number is {k} in the periodic table", "(which|what) atomic number does {k} have",
    ),
    "young": (
        "(what is|what's|whats) (a |the |)(baby|young|little) {k}(| called)", "(what do|how do) (you|we|people) call a (baby|young) {k}",
        "(what is|what's) (the |)(young|baby|offspring|child) of a {k}(| called)", "(a |)(baby|young) {k}", "(a |)(baby|young) {k} is called(| what| a)", "name (of|for) (a |)(baby|young) {k}",
        "(what is|what's) the (name|word) (of|for) a (baby|young) {k}", "{k} baby(| name)", "(a |)(young|baby) {k} (name|is what)", "baby of a {k}", "how is a baby {k} called",
    ),
    "sound": (
        "(what|which) (sound|noise) does (a|the) {k} make", "(what does|how does) (a|the) {k} (say|go|sound)", "{k} (sound|noise)", "sound (of|made by) (a|the) {k}",
        "(what is|what's) (the |)(sound|noise) (of|made by) a {k}", "(what|which) (sound|noise) do {k}s make", "what do {k}s say", "the {k} says", "(a |the |){k} goes(| what)", "what noise is made by a {k}", "how does a {k} talk",
    ),
    "legs": (
        "how many (legs|feet) (does|do|has) (a|an|the|one) {k}(| have)", "(number of|how many) legs (of|on|for) (a|an|the) {k}", "{k} (legs|number of legs|how many legs)", "how many legs {k}", "how many legs (do|have) {k}s(| have)",
        "(a|an|the) {k} has how many legs", "count the legs of a {k}", "(what is|what's) the number of legs (of|on) (a|an) {k}", "(on |)how many legs does (a|an) {k} (walk|stand)(| on)",
    ),
    "kind": (
        "(what|which) (kind|type|class|sort|group) of animal is (a|an|the) {k}", "is (a|an) {k} a (mammal|fish|bird|reptile|mammal or a fish|bird or a mammal|fish or a mammal|mammal or a bird|reptile or an amphibian|mammal or a reptile|an insect or a spider)", "(which|what) (animal |)(class|group) does (a|an|the) {k} belong to", "{k} is (what|which) (kind|type|class) of animal", "{k} (animal class|animal group|class)", "animal (class|group) of (a|an|the) {k}", "classify (a|an|the) {k}",
    ),
    "female": (
        "(what is|what's|whats) (a |the |)female {k}(| called)", "(what do|how do) (you|we|people) call a female {k}", "(a |)female {k}(| is called| name)", "(what is|what's) the (name|word) (of|for) a female {k}", "name (of|for) (a |)female {k}", "female of (a|the) {k}", "a {k} female is called (what|a)", "how is a female {k} called",
    ),
    "home": (
        "where (does|do) (a|the) {k} live", "(what is|what's|whats) (the |)(home|house) of a {k}(| called)", "(home|house) of (a|the) {k}", "{k} (home|house)", "(in |)what does a {k} live(| in)", "(a |the |){k} lives in (what|a)", "(what is|what's) a {k}'s (home|house)(| called)", "where do {k}s (live|sleep)", "how do you call the (home|house) of a {k}",
    ),
    "group": (
        "(what is|what's|whats) (a |the |)group of {k}s(| called)", "(what do|how do) (you|we|people) call a group of {k}s", "(a |)group of {k}s(| is called| name)", "(what is|what's) the (name|word) (of|for) a group of {k}s", "name (of|for) (a |)group of {k}s", "many {k}s together are (a|called)", "collective (noun|name) for {k}s", "a group of {k}s is (what|called what)", "(which|what) (word|term) is used for a group of {k}s",
    ),
    "colour": (
        "(what|which) (color|colour) (is|are|has|have) {k}", "(color|colour) of {k}", "(what is|what's|whats) the (color|colour) of {k}", "{k} (color|colour)", "(what|which) (color|colour) (does|do) {k} have", "{k} (is|are) (what|which) (color|colour)", "name the (color|colour) of {k}", "(of |)(what|which) (color|colour) (is|are) {k}(| usually| normally)", "how is {k} colored",
    ),
    "mix": (
        "(what|which) (color|colour) do (you|i|we) get (if|when) (you|i|we) mix {k}", "(mix|mixing|combine|combining) {k}", "{k} (makes|make|gives|give)(| what| what color| what colour)", "(what|which) (color|colour) (does|do) {k} make", "what (does|do) {k} make", "(what|which) (color|colour) is {k} mixed", "{k} mixed(| together)", "if (you|i) mix {k} (what|which color) do (you|i) get", "what happens when you mix {k}",
    ),
    "planet": (
        "(what|which) (is |planet is |)(the |){k} planet(| from the sun| of the solar system| in the solar system)", "{k} planet from the sun", "(the |){k} planet (from the sun|of the solar system)", "name the {k} planet(| from the sun)", "(what|which) planet is {k}(| from the sun)", "(what|which) planet comes {k}", "{k} planet",
    ),
    "planet's place": (
        "(what|which) (number |)planet (from the sun |)is {k}(| from the sun)", "(what|which) (position|place) (is|has) {k}(| in the solar system| from the sun)", "{k} is (what|which) (number |)planet from the sun", "(what is|what's) the (position|number) of {k}(| in the solar system)", "{k} position (from the sun|in the solar system)", "{k} is planet number",
    ),
    "author": (
        "who (wrote|is the author of|was the author of|authored|is the writer of|has written|penned) {k}", "(the |)(author|writer) of (the book |the novel |){k}", "{k} (author|writer|was written by|is by|written by|by whom)", "{k} was written by (whom|who|which author)", "{k}, who wrote it", "{k} who wrote it",
        "(which|what) (author|writer) wrote {k}", "who is {k} by", "(by whom|by who) was {k} written", "(what is|what's) the name of the (author|writer) of {k}", "who was {k} written by", "name the (author|writer|person who wrote) (of |){k}", "who wrote (the book|the novel|the play|the story) {k}", "whose (book|work) is {k}",
    ),
    "painter": (
        "who (painted|is the painter of|was the painter of|made|created|is the artist of) {k}", "(the |)(painter|artist) of (the painting |){k}", "{k} (painter|artist|was painted by|painted by|by whom)", "{k} was painted by (whom|who|which painter)",
        "(which|what) (painter|artist) (painted|made|created) {k}", "who is {k} by", "(by whom|by who) was {k} painted", "(what is|what's) the name of the (painter|artist) of {k}", "who painted (the picture|the painting) {k}", "name the (painter|artist) of {k}",
    ),
    "inventor": (
        "who (invented|was the inventor of|is the inventor of|created|made|came up with|first made) (the |){k}", "(the |)inventor of (the |){k}", "{k} (inventor|was invented by|invented by)", "(the |){k} was invented by (whom|who)", "(which|what) (inventor|person|man) invented (the |){k}", "(by whom|by who) was (the |){k} invented", "(what is|what's) the name of the inventor of (the |){k}", "who is credited with (inventing|the invention of) (the |){k}", "name the inventor of (the |){k}",
    ),
    "discoverer": (
        "who (discovered|was the discoverer of|is the discoverer of|found|came up with|first found) (the |){k}", "(the |)discoverer of (the |){k}", "{k} (discoverer|was discovered by|discovered by)", "(the |){k} was discovered by (whom|who)", "(which|what) (scientist|person|man) discovered (the |){k}", "(by whom|by who) was (the |){k} discovered", "(what is|what's) the name of the discoverer of (the |){k}", "name the discoverer of (the |){k}",
    ),
    "composer": (
        "who (composed|wrote|is the composer of|was the composer of|made) {k}", "(the |)composer of {k}", "{k} (composer|was composed by|composed by)", "{k} was (composed|written) by (whom|who)", "(which|what) composer (wrote|composed|made) {k}", "(by whom|by who) was {k} composed", "(what is|what's) the name of the composer of {k}", "name the composer of {k}", "who wrote the music (of|for) {k}",
    ),
    "opposite": (
        f"{_T} (the |)(opposite|antonym|contrary|reverse) (of|to|for) (the word |){{k}}", "(opposite|antonym) (of|for) {k}", "{k} (opposite|antonym)", "(what|which) word (is|means) the opposite (of|to) {k}", "the opposite of {k} is(| what)",
        "(what|which) (is|word is) (the |)(contrary|antonym) (of|to) {k}", "not {k} but", "if (it is|it's|something is) not {k} (it is|it's|then it is)(| what)", "{k} is the opposite of(| what)", "antonym: {k}", "opposite: {k}", "opposite word (of|for|to) {k}",
    ),
    "plural": (
        f"{_T} (the |)plural (form |)(of|for) (the word |){{k}}", "plural (form |)(of|for) {k}", "{k} (plural|plural form|in plural|in the plural)", "one {k}(,| and|) (two|many|three)", "one {k} two what", "the plural of {k} is(| what)", "(make|turn|put) {k} (into |in the |)plural",
        "(what|how) do you (say|call|write) (more than one|several|many|two) {k}", "how do you (form|make|write) the plural of {k}", "(what|which) is the plural(| form) of {k}", "more than one {k} is called",
    ),
    "past": (
        f"{_T} (the |)(past|past tense|simple past|past form) (of|for) (the verb |)(to |){{k}}", "past tense (of|for) (to |){k}", "{k} (past tense|past|in the past|in past tense|simple past)", "today i {k}(,| and|) yesterday i", "the past (tense |)of {k} is(| what)", "(put|turn) {k} (into|in) (the |)past(| tense)", "how do you (say|write|form) {k} in the past(| tense)", "(what|which) is the past(| tense| form) of {k}",
    ),
    "synonym": (
        f"{_T} (a |the |)(synonym|similar word|word with the same meaning|other word|another word) (of|for|as|to) {{k}}", "(synonym|another word) (of|for) {k}", "{k} (synonym|another word)", "(what|which) word means (the same as|almost the same as) {k}", "(what|which) is (a |)synonym (of|for) {k}", "another way to say {k}", "a word like {k}", "say {k} with another word", "synonym: {k}",
    ),
    "comparative": (
        f"{_T} (the |)comparative (form |)(of|for) {{k}}", "comparative (form |)(of|for) {k}", "{k} comparative(| form)", "the comparative of {k} is(| what)", "(what|which) is the comparative(| form) of {k}", "how do you (form|make) the comparative of {k}", "comparative: {k}",
    ),
    "superlative": (
        f"{_T} (the |)superlative (form |)(of|for) {{k}}", "superlative (form |)(of|for) {k}", "{k} superlative(| form)", "the superlative of {k} is(| what)", "(what|which) is the superlative(| form) of {k}", "how do you (form|make) the superlative of {k}", "superlative: {k}",
    ),
    **{
        f"translate {language}": (
            f"(translate|say|put) {{k}} (to|into|in) {language}", f"{{k}} in {language}", f"(what is|what's|whats|how is) {{k}} in {language}", f"how (do|would|can) (you|i|we|they) (say|write) {{k}} in {language}", f"(what is|what's) the {language} (word|translation) (for|of) {{k}}", f"{language} (word |translation |)(for|of) {{k}}", f"(what|which) {language} word means {{k}}", f"{{k}} (to|into) {language}", f"how does one say {{k}} in {language}",
        )
        for language in ("spanish", "french", "german")
    },
    "thing": (
        f"{_T} (the |){{k}}", "(which|what) is (the |){k}", "(the |){k}", "(the |){k} is(| what| called| named)", "(what|which) (do you think is|would be|could be) (the |){k}", "(which one|which) is called (the |){k}", "(what is|what's) the name of (the |){k}", "{k} name", "{k}, (what is it|which is it)", "(could you|can you|please) name (the |){k}", "how is (the |){k} called",
    ),
    "what": (
        "what {k}", "which {k}", "what {k} (exactly|in general|normally|usually|again)", "(answer this|say|guess)(:|,|) what {k}", "(what|which) {k}, (do you know|any idea)", "what exactly {k}", "(okay|well) what {k}", "(someone|my son|my teacher|a friend) asked (me |)what {k}", "what would you say, what {k}",
    ),
    "who": (
        "who {k}", "who (really|actually|again) {k}", "who was it that {k}", "(answer this|say|guess)(:|,|) who {k}", "(what is|what's) the name of (the person|the one|who) (who |){k}", "who {k}, (do you know|any idea)", "(someone|my son|my teacher|a friend) asked (me |)who {k}", "(which|what) person {k}", "name the person who {k}", "the person who {k}", "name of the (man|person) who {k}",
    ),
    "how many": (
        "how many {k}", "how many {k} (exactly|in total|normally|usually|all in all)", "(answer this|say|guess)(:|,|) how many {k}", "how many {k}, (do you know|any idea)", "(what is|what's) the number of {k}", "number of {k}", "(someone|my son|my teacher|a friend) asked (me |)how many {k}", "exactly how many {k}", "(what|which) number of {k}", "about how many {k}",
    ),
    "where": (
        "where {k}", "where {k} (exactly|located|again)", "(in |)(what|which) (place|city|country|area) {k}", "(answer this|say|guess)(:|,|) where {k}", "where {k}, (do you know|any idea)", "where exactly {k}", "(someone|my son|my teacher|a friend) asked (me |)where {k}", "where on earth {k}",
    ),
    "when": (
        "when {k}", "when {k} (exactly|again)", "(in |)(what|which) year {k}", "(on |)what (date|day) {k}", "(answer this|say|guess)(:|,|) when {k}", "when {k}, (do you know|any idea)", "when exactly {k}", "(someone|my son|my teacher|a friend) asked (me |)when {k}", "what year {k}",
    ),
    "is": (
        "{k}", "(yes or no|true or false)(:|,) {k}", "{k}(, yes or no| or not|, true or false)", "(answer this|say|guess)(:|,|) {k}", "(someone|my son|my teacher|a friend) asked (me |)(:|if|) {k}", "{k}, (do you know|any idea|what do you think)", "{k} (really|actually|or no)",
    ),
}  # fmt: skip

ALL = tuple((relation, key) for relation, book in FACTS.items() for key in book)
# For countries, people mostly ask for the capital; the other relations have far fewer rows.
_WEIGHTS = {
    "capital": 1.6, "currency": 0.6, "language": 0.6, "capital of which": 0.6, "country of city": 0.7,
    "atomic number": 0.5, "element": 0.6, "continent": 0.8, "translate spanish": 0.7,
    "translate french": 0.7, "translate german": 0.7, "legs": 1.4, "colour": 1.4, "young": 1.4,
    "sound": 1.4, "planet": 2.0, "mix": 2.0, **dict.fromkeys(ASKS, 1.4),
}  # fmt: skip
_CUMULATIVE = tuple(accumulate(_WEIGHTS.get(relation, 1.0) for relation, _ in ALL))


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One fact; common questions are drawn more often."""
    relation, key = rng.choices(ALL, cum_weights=_CUMULATIVE)[0]
    if relation == "element" or (relation == "mix" and noise):
        noise = 0.0
    text = phrase(rng, PHRASINGS, relation, split, noise, k=expand(rng, key))
    return build(DOMAIN, text, FACTS[relation][key])


_MADE_UP = (
    "wakanda atlantis narnia mordor gondor hogwarts westeros zubrowka genovia elbonia freedonia "
    "ruritania sokovia latveria panem krakozhia utopia lilliput neverland oz asgard middle-earth "
    "tatooine krypton vulcan gotham eldorado shangri-la avalon camelot"
).split()


def negative(rng: random.Random, split: Split) -> Question:
    """A question about something that does not exist or is not in the book."""
    relation = rng.choice(
        ("capital", "continent", "currency", "language", "capital of which", "country of city",
         "symbol", "young", "sound", "author", "painter", "inventor", "opposite", "composer",
         "plural", "thing", "who", "discoverer", "where", "what", "when", "how many", "legs")
    )  # fmt: skip
    if relation in ("capital", "continent", "currency") and rng.random() < 0.4:
        key = rng.choice(_MADE_UP)
    else:
        key = " ".join(invented(rng) for _ in range(rng.choice((1, 1, 2))))
    if relation in ("thing", "who", "where", "what", "when", "how many"):
        key = f"{rng.choice(_OPEN[relation])} {key}"
    return build(DOMAIN, phrase(rng, PHRASINGS, relation, split, k=key), NOT_SURE)


_OPEN = {
    "thing": ("largest", "capital of", "name of", "meaning of", "color of", "best", "president of"),
    "who": ("is", "was", "wrote", "invented", "painted", "plays in", "sings", "founded", "killed"),
    "where": ("is", "was", "can i buy", "do", "does"),
    "what": ("is", "does", "is a", "do you call a", "is the name of", "happened in"),
    "when": ("is", "was", "did", "will"),
    "how many": ("legs does", "people live in", "are in", "moons does", "years"),
}


def invented(rng: random.Random) -> str:
    """An invented word without a meaning.

    Example:
        >>> invented(random.Random(1))
        'brelfis'
    """
    made = ""
    for _ in range(rng.randint(2, 4)):
        made += rng.choice("b c d f g h j k l m n p r s t v w z br dr gl kr st tr sh".split())
        made += rng.choice("a e i o u a e i o ai ou ee".split())
        made += rng.choice(("", "", "n", "r", "l", "x", "m", "s"))
    return made
