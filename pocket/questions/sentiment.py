"""The sentiment of short texts: reviews of films, food and hotels, and remarks about a day."""

from __future__ import annotations

import random

from .base import Phrasings, Question, Split, build, expand, phrase, split_of

DOMAIN = "sentiment"

_S = "(sentence|review|text|comment|statement|message|opinion|feedback|tweet|)"
_PN = "(positive or negative|negative or positive|good or bad|happy or unhappy)"
PHRASINGS: Phrasings = {
    "review": (
        f"(is|was) (this|the|the following) {_S} {_PN}(:|?|? -|, please:) {{r}}", f"{_PN}(:|?| review:| -) {{r}}", f"{{r}} (is this|is that|-|:|is it|is this review|is the mood) {_PN}", f"(what is|what's|whats|find|give me|tell me|say|) (the |)(sentiment|mood|feeling|tone|emotion|polarity) (of|in|behind|for)(| this| the)(| following) {_S}(:|?|) {{r}}", "(sentiment|mood|tone|opinion|feeling)(:|?| of| of:| -|) {r}", f"(classify|rate|judge|label|analyze|analyse) (the |this |the sentiment of |the mood of |the sentiment of this ){_S}(:|) {{r}}", "{r} (sentiment|mood|what mood is this|what sentiment|what is the sentiment|how does that sound)", "(does|do) (the writer|the author|this person|the reviewer|the customer|they) (like it|sound happy|sound positive|like or dislike it|seem pleased)(:|?) {r}", f"{_PN}, {{r}}", "how (does|did) (the writer|the author|this person|the customer|the reviewer) feel(:|?| about it:) {r}", "(is this|is it) (a |)(good|positive|happy|bad|negative) (or (a |)(bad|negative|good) |)(review|comment|opinion)(:|?) {r}",
    ),
}  # fmt: skip

GOOD = (
    "great wonderful brilliant lovely excellent superb charming delightful amazing fantastic perfect "
    "beautiful clever funny moving fresh tasty friendly good nice delicious awesome outstanding pleasant "
    "enjoyable fun incredible impressive comfortable clean helpful kind marvelous terrific fabulous "
    "stunning magnificent hilarious exciting gorgeous splendid yummy cozy spotless polite reliable "
    "touching gripping refreshing thrilling adorable cool super sweet phenomenal exceptional flawless"
).split()
BAD = (
    "terrible awful boring dull horrible poor dreadful weak stale rude ugly silly slow cold bland "
    "broken annoying messy bad disgusting dirty noisy disappointing nasty stupid tasteless uncomfortable "
    "useless pathetic lousy overpriced mediocre unpleasant unfriendly gross filthy smelly overcooked "
    "undercooked soggy greasy predictable pointless confusing painful unbearable worthless depressing "
    "ridiculous cheap faulty unreliable tedious miserable appalling atrocious inedible lame"
).split()
NOUNS = (
    "film movie book story acting music plot food service room hotel game show meal song restaurant "
    "staff pizza soup coffee cake dinner breakfast ending cast actor actress director phone product "
    "camera battery screen place bed bathroom view beach trip flight concert album play series episode "
    "burger steak dessert waiter waitress app website shop store teacher lesson course weather day "
    "party holiday vacation house car laptop shoes dress bar pasta fish salad lunch location"
).split()
_VERY = "(very |really |so |absolutely |truly |just |quite |pretty |simply |totally |extremely |)"
_IT = "(it|the {n}|this {n}|that {n}|everything|the whole {n}|my {n}|our {n})"
FRAMES: dict[str, tuple[str, ...]] = {
    "plain": (
        f"{_IT} (was|is) {_VERY}{{g}}", f"{_IT} (was|is) {_VERY}{{g}} and {{g}}", "(what|such) a(n|) {g} {n}(!|)", f"(i|we) (think|thought|found|find) {_IT} {_VERY}{{g}}", "a {g} {n}, and the {m} was {g}", f"the {{n}} was {_VERY}{{g}}, the {{m}} (was |){{g}}", f"the {{n}} and the {{m}} were {_VERY}{{g}}", "{g} {n}", "{g}(!|, just {g}|, {g}, {g})", f"(the |)(staff|people|waiters|actors) (were|are) {_VERY}{{g}}", f"{_IT} (tasted|looked|sounded|felt|smelled|seems|seemed) {_VERY}{{g}}", "(one of the|by far the) most {g} {n}s (i have ever seen|ever|of all)", "{g} {n} with {g} {m}", "(i had|we had|it was) a(n|) {g} (time|day|stay|evening|experience|meal)",
    ),
    "turn": (
        "{w} at first, but {g} in the end", f"the {{n}} (was|is) not {{w}}(, but|, it was) {_VERY}{{g}}", "it was never {w}, but {g}", "i (expected|thought it would be) {w}, but it was {g}", "the {n} (seemed|looked) {w}, but (it|the {m}) was {g}", "the {n} was {g} and not {w}", "the {m} was {w}, but (overall|all in all|in the end) (it was|the {n} was) {g}",
    ),
    "not": (
        f"{_IT} (was not|wasn't|is not|isn't) {{w}}(| at all)", "(not {w} at all|not at all {w})", "i (don't|do not|didn't|did not) (think|find) (it|the {n}) (is|was) {w}", "the {n} (was|is) (never|not) {w}", "not a {w} {n}",
    ),
}  # fmt: skip
# Whole sentences that express a sentiment without one of the words above.
_SAYINGS = {
    "positive": (
        "(i|we|my kids|everyone|my family) (loved|love|enjoyed|adore|adored|really liked|like|liked|really enjoyed|really love) (it|this {n}|the {n}|every minute|every minute of it|the whole {n}|that {n}|my {n}|everything about this {n}|it so much|it a lot)", "(highly|strongly|definitely|totally) (recommended|recommend it|recommend this {n}|recommend)", "(best|the best|simply the best) {n} (ever|i have ever had|i have ever seen|of my life|in town|i've ever had|in years|of the year)", "(i|we) (will|would|can't wait to) (definitely |)(come back|come again|visit again|buy it again|watch it again|return|go again)", "(five stars|10/10|10 out of 10|two thumbs up|5 stars|a masterpiece|a must see|well done|thumbs up|worth every penny|worth the money|a real gem|good job)", "(i am|i'm|we are|i feel) (so |very |really |)(happy|glad|pleased|satisfied|excited|delighted|proud|grateful|impressed)(| with it| with the {n}| today| about it)", "(it|this {n}|the {n}) (made|makes) (me|my day|us) (smile|laugh|happy|better|so happy)", "(couldn't|could not) (be happier|stop laughing|ask for more|put it down|be better)", "(i had|we had) (so much fun|a blast|the time of my life|a good laugh|a lot of fun)", "exceeded (my|our|all) expectations", "(my|our) (favorite|favourite) {n}(| ever| of all time)", "everything worked (perfectly|fine|as expected|like a charm)", "(thank you|thanks) for (the|this) (lovely|great|wonderful) {n}", "i can't stop (eating|watching|listening|smiling)", "(life is|today is) (good|great|a good day|beautiful)", "can't recommend it enough",
    ),
    "negative": (
        "(i|we|my kids|everyone|my family) (hated|hate|disliked|dislike|regret|regretted|really hate|can't stand|couldn't stand|did not like|didn't like|don't like|did not enjoy|didn't enjoy|really disliked) (it|this {n}|the {n}|every minute|every minute of it|the whole {n}|that {n}|my {n}|everything about this {n})", "(i want my money back|waste of money|a waste of time|total waste of time|what a waste|waste of time and money|a complete waste|don't waste your money|wasted two hours of my life|rip off|a total rip-off)", "(worst|the worst|simply the worst) {n} (ever|i have ever had|i have ever seen|of my life|in town|i've ever had|in years|of the year)", "(i|we) (will|would) never (come back|come again|visit again|buy it again|watch it again|return|go again|eat here again|stay here again)", "(never again|one star|zero stars|0/10|1 out of 10|two thumbs down|1 star|a disaster|thumbs down|not worth the money|not worth it|a complete mess|avoid this place|stay away|do not buy this|not recommended|do not recommend)", "(i am|i'm|we are|i feel) (so |very |really |)(sad|angry|disappointed|upset|unhappy|annoyed|frustrated|bored|tired of this|let down|furious)(| with it| with the {n}| today| about it)", "(it|this {n}|the {n}) (made|makes) me (cry|sick|angry|sad|yawn|sleepy|want to leave)", "(i|we) (fell asleep|left early|walked out|nearly fell asleep|had to leave|almost cried|got sick)(| after the {n}| during the {n}| halfway through)", "(it|the {n}) (broke|stopped working|fell apart|died|crashed|does not work|doesn't work|never worked|arrived broken)(| after a day| after one week| on day one| immediately)", "(i had|we had) (a bad time|no fun|a terrible headache|nothing but trouble|to wait for hours|to wait two hours)", "(did not|didn't|failed to) (meet|live up to) (my|our) expectations", "i (lost|missed) (my|the) (job|train|keys|wallet|bus|game|flight)", "nothing (worked|was right|went well)(| that day)", "(there was|i found) a hair in my (soup|food|salad)", "(i can't|cannot) recommend (it|this {n})(| to anyone)", "(not good|not great|no good|not funny|not happy)(| at all)", "the {n} was too (long|loud|small|salty|expensive|short|hard|hot)",
    ),
}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One short text; both sentiments are equally likely."""
    mood = rng.choice(("positive", "negative"))
    review, work = _saying(rng, mood, split) if rng.random() < 0.42 else _review(rng, mood, split)
    review = review.replace("{", "").replace("}", "")
    if rng.random() < 0.5:
        review = review[0].upper() + review[1:] + rng.choice((".", ".", "!", ""))
    quote = rng.choice(("", "", "", "'", '"'))
    bare = rng.random() < 0.15 and len(review.split()) > 2
    text = phrase(rng, PHRASINGS, "review", split, noise, r=f"{quote}{review}{quote}")
    return build(DOMAIN, review if bare else text, mood, work)


def _frame(rng: random.Random, patterns: tuple[str, ...], split: Split) -> str:
    """A sentence of a split whose fields are not filled in."""
    for _ in range(500):
        phrasing = expand(rng, rng.choice(patterns))
        if split_of(phrasing) == split:
            return phrasing
    raise ValueError(f"too few sentences for the {split} split")


def _filled(rng: random.Random, frame: str) -> str:
    n, m = rng.sample(NOUNS, 2)
    return frame.replace("{n}", n).replace("{m}", m)


def _saying(rng: random.Random, mood: str, split: Split) -> tuple[str, str]:
    return _filled(rng, _frame(rng, _SAYINGS[mood], split)), ""


def _review(rng: random.Random, mood: str, split: Split) -> tuple[str, str]:
    """A sentence; its working is the last judgement, which decides."""
    good, bad = (GOOD, BAD) if mood == "positive" else (BAD, GOOD)
    kind = rng.choices(("plain", "turn", "not"), (6, 2, 1.5))[0]
    text = _filled(rng, _frame(rng, FRAMES[kind], split))
    word = ""
    while "{g}" in text:
        word = rng.choice(good)
        text = text.replace("{g}", word, 1)
    other = rng.choice(bad)
    text = text.replace("{w}", other)
    sign = "+" if mood == "positive" else "-"
    if kind == "not":
        return text, f" not {other}{sign}"
    return text, f" {word}{sign}"
