"""Everyday words by kind, for lists, spelling and counting letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

KINDS: Mapping[str, Sequence[str]] = {
    "fruit": "apple banana orange pear grape lemon cherry mango peach plum kiwi melon".split(),
    "animal": "cat dog horse cow sheep lion tiger mouse rabbit elephant monkey bear wolf goat".split(),
    "color": "red blue green yellow black white purple pink brown gray".split(),
    "furniture": "table chair bed sofa desk shelf lamp".split(),
    "vehicle": "car bus train bike boat plane truck ship".split(),
    "country": "france spain italy japan china brazil canada egypt".split(),
    "clothes": "shirt hat shoe sock jacket dress glove scarf".split(),
    "vegetable": "carrot potato onion cabbage pea bean spinach pepper".split(),
    "body": "hand foot head eye nose ear arm leg finger".split(),
    "tool": "hammer saw drill screwdriver wrench shovel".split(),
    "drink": "water milk juice coffee tea wine beer".split(),
    "family": "mother father sister brother uncle aunt son daughter".split(),
    "school": "book pen pencil paper ruler eraser".split(),
}
WORDS: Sequence[str] = sorted({word for words in KINDS.values() for word in words})
EVERYDAY: Sequence[str] = sorted(
    {
        *WORDS,
        *"""
hello world python banana strawberry mississippi computer language house garden friend school
window music summer winter planet flower river mountain happy birthday chocolate keyboard letter
number random cheese butter sandwich tomato pizza coffee kitchen bottle mirror pillow blanket street
village city country island ocean beach forest desert bridge castle tower church market airport
station hospital library museum theater doctor teacher student farmer baker pilot police soldier
king queen prince princess dragon knight wizard magic story paper pencil eraser ruler scissors stapler
morning evening night monday tuesday friday sunday january march april august december yellow
purple orange silver golden circle square triangle cat dog racecar level radar noon civic kayak madam
abc stop tops star rats live evil drawer reward lemon melon time emit star part trap smart trams
love peace war freedom justice truth beauty science history physics chemistry biology algebra geometry
balloon coffee success committee address necessary beginning tomorrow different apple pepper
bookkeeper parallel committee occasion embarrass accommodate rhythm queue zebra xylophone yacht
butterfly elephant giraffe kangaroo penguin dolphin octopus spider turtle parrot eagle
simple quick brown jumps lazy quiet loud bright dark light heavy small large short long strong weak
""".split(),
    }
)
INSTRUCTIONS: Sequence[str] = "letter number small long word string text capital order".split()
"""Words of instructions; a model that spells words reads them as whole tokens."""
