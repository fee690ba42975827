"""Arithmetic replies are checked by the inverse operation, never solved."""

from __future__ import annotations

import pytest
from langgraph_ensemble.pocket.inverse import ABSTENTION, checked, numbers


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("2+2", "2+2: 2+2+0=04;\nAnswer: 4"),
        ("what's 5 take away 8", "5-8: …\nAnswer: -3"),
        ("12 times 13", "12*13: …\nAnswer: 156"),
        ("half of 91", "91/2: …\nAnswer: 45.5"),
        ("double six", "6*2: …\nAnswer: 12"),
        ("15% of 90", "15%*90: …\nAnswer: 13.5"),
        ("100 divided by 7", "100/7: …\nAnswer: 14 remainder 2"),
        ("9 squared", "9*9: …\nAnswer: 81"),
        ("two to the power of five", "2^5: …\nAnswer: 32"),
        ("square root of 49", "sqrt49: 7*7=49\nAnswer: 7"),
        ("which is bigger 45 or 54", "45<54\nAnswer: 54"),
        ("is 7 odd?", "7 odd\nAnswer: yes"),
        ("is 51 prime", "51 not prime\nAnswer: no"),
        ("(2+3)*4", "(2+3)*4: …\nAnswer: 20"),
        ("Tom has twelve apples and eats 5. How many are left?", "12-5: …\nAnswer: 7"),
        ("1,000 - 1", "1000-1: …\nAnswer: 999"),
    ],
)
def test_sound_replies_stay(question: str, reply: str) -> None:
    assert checked(question, reply) == reply


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("2+2", "2+2: …\nAnswer: 264"),
        ("2+2", "2+3: …\nAnswer: 5"),
        ("2+2", "2*2: …\nAnswer: 4"),
        ("12*13", "12*3: …\nAnswer: 36"),
        ("10 minus 4", "10+4: …\nAnswer: 14"),
        ("100/7", "100/7: …\nAnswer: 13 remainder 9"),
        ("half of 90", "90/3: …\nAnswer: 30"),
        ("15% of 80", "15%*80: …\nAnswer: 120"),
        ("sqrt 50", "sqrt50: 7*7=50\nAnswer: 7"),
        ("45 or 54", "45>54\nAnswer: 45"),
        ("is 37 bigger than 73?", "37<73\nAnswer: yes"),
        ("which is smaller 45 or 54", "45<54\nAnswer: 54"),
        ("is 8 odd", "8 even\nAnswer: yes"),
        ("is 9 prime", "9 prime\nAnswer: yes"),
        ("1+2+3", "1+2: …\nAnswer: 3"),
        ("2+2", "nonsense"),
        ("2+2", "Answer: 4"),
        ("2+2", "Answer: not sure"),
        ("5/0", "5/0: …\nAnswer: 0"),
    ],
)
def test_the_others_become_abstentions(question: str, reply: str) -> None:
    assert checked(question, reply) == ABSTENTION


def test_numbers_are_read_in_digits_and_words() -> None:
    given, implied = numbers("a third of two hundred and five plus forty-two, 1,500 and 007")
    assert given == {"205": 1, "42": 1, "1500": 1, "7": 1}
    assert implied == {"3": 1}
