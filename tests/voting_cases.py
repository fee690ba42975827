"""Labelled cases for the reader: a draft's text, the question, and the answer a person reads.

`WRITTEN` are by hand. `FRAMED` puts plain answers into the ways in which models mark them.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple


class Case(NamedTuple):
    """One case: `answer` is what `read` has to return, None for no answer."""

    text: str
    question: str
    answer: str | None
    kind: str = "auto"


TWO = "Which city is the capital of France?\nA) Rome\nB) Paris\nC) Madrid\nD) Lyon"
TEN = "Which one holds?\n" + "\n".join(f"{c}. claim number {c.lower()}" for c in "ABCDEFGHIJ")
INLINE = "Which is a mammal? A) shark B) whale C) trout D) frog"
STATED = "Which hold?\nI. x > 0\nII. y > 0\nIII. z > 0\nA. I only\nB. II only\nC. I and II\nD. all"
MANY = "How many eggs are left?"
PERCENT = "What percent of the eggs is left?"
MATHS = "Simplify $\\frac{x^2-1}{x-1}$."
OUTPUT = "[PYTHON]\ndef f(x): ...\nassert f(1) == ??\n[/PYTHON]"
WHO = "Who wrote the Iliad?"

FRAMES = (
    "Answer: {}",
    "**Answer:** {}",
    "**Answer**: {}",
    "So, all in all.\n\nFinal answer: {}",
    "### Final Answer\n\n{}",
    "## Answer\n{}",
    "Step 1. Think.\nStep 2. Decide.\n\nThe answer is {}.",
    "Therefore the correct answer is {}.",
    "The final answer is: {}",
    "<answer>{}</answer>",
    "I reason …\n\\boxed{{{}}}",
    "So it is $\\boxed{{{}}}$.",
    '{{"reasoning": "because", "answer": "{}"}}',
    '```json\n{{"reasoning": "two\nlines", "answer": "{}"}}\n```',
    '{{"answer": "{}"',
    "答案:{}",
    "Ответ: {}",
    "Antwort: {}",
    "La réponse est {}.",
    "Respuesta: {}",
    "<think>no, {0}0, or Z</think>Answer: {0}",
    "Answer: {}\n\nQuestion: What is 1+1?\nAnswer: 99",
)
PLAIN = (
    *((letter, TEN, letter) for letter in "BEJ"),
    *((f"({letter})", TWO, letter) for letter in "AC"),
    ("B) Paris", TWO, "B"),
    ("D", INLINE, "D"),
    ("C", STATED, "C"),
    ("18", MANY, "18"),
    ("-7", MANY, "-7"),
    ("2.5", MANY, "2.5"),
    ("Homer", WHO, "Homer"),
    ("Jane Austen", WHO, "Jane Austen"),
    ("42", "How old is she?", "42"),
)
FRAMED = [
    Case(frame.format(given), asked, answer)
    for frame, (given, asked, answer) in product(FRAMES, PLAIN)
]

WRITTEN = [
    # Multiple choice.
    Case("B", TWO, "B"),
    Case("b", TWO, "B"),
    Case("(b)", TWO, "B"),
    Case("B.", TWO, "B"),
    Case("**B**", TWO, "B"),
    Case("Paris", TWO, "B"),
    Case("It must be Paris, of course.", TWO, "B"),
    Case("The correct option is B.", TWO, "B"),
    Case("Option B is correct.", TWO, "B"),
    Case("B is the correct answer.", TWO, "B"),
    Case("I would choose option (B).", TWO, "B"),
    Case("A is wrong and C is wrong. The answer is (B).", TWO, "B"),
    Case("The answer is (A). Wait, Rome is in Italy. The answer is (B).", TWO, "B"),
    Case("The answer is (B).\n\nTo sum up, all answers:\nThe answer is (A).", TWO, "B"),
    Case("Final Answer: The answer is (B)", TWO, "B"),
    Case("**Final Answer**\n\n**B) Paris**", TWO, "B"),
    Case("A) Rome is in Italy.\nB) Paris is right.\nAnswer: B", TWO, "B"),
    Case("A shark is a fish, so it must be the whale.", INLINE, None),
    Case("It is the whale.", INLINE, "B"),
    Case("(E) is not offered; my answer: E", TWO, None),
    Case("Answer: both of them", TWO, None),
    Case("I don't know.", TWO, None),
    Case("Answer: not sure", TWO, None),
    Case("", TWO, None),
    Case("I think therefore I am.", TEN, None),
    Case("The answer is I.", TEN, "I"),
    Case("The answer is (I).", TEN, "I"),
    Case("Only I. holds, so the answer is (A).", STATED, "A"),
    Case("I and II hold.\nAnswer: C", STATED, "C"),
    Case("The answer is A because Rome was not built in a day.", TWO, "A"),
    Case("My answer is **C**.", TWO, "C"),
    Case("$\\boxed{\\text{B}}$", TWO, "B"),
    Case("$\\boxed{\\textbf{(D)}}$", TWO, "D"),
    Case('{"answer": "B) Paris"}', TWO, "B"),
    Case('{"answer": "B", "confidence": "Answer: A"}', TWO, "B"),
    Case("C\n\nBecause Madrid is the largest.", TWO, "C"),
    Case("Answer:\nB", TWO, "B"),
    Case("Answer: \n\n(B) Paris", TWO, "B"),
    Case("Answer - D", TWO, "D"),
    Case("ANSWER IS D", TWO, "D"),
    # Numbers.
    Case("So she has 3 + 4 = 7 eggs.", MANY, "7"),
    Case("16 - 7 = 9 eggs, at $2 each $18.", MANY, "18"),
    Case("Answer: 12 eggs", MANY, "12"),
    Case("Answer: $1,200", MANY, "1200"),
    Case("Answer: 1,200.50 dollars", MANY, "1200.50"),
    Case("Answer: -$10,000", MANY, "-10000"),
    Case("Answer: 3 1/2", MANY, "3 1/2"),
    Case("Answer: 7/2", MANY, "7/2"),
    Case("Answer: \\frac{7}{2}", MANY, "\\frac{7}{2}"),
    Case("Answer: 3,5", MANY, "3.5"),
    Case("Answer: 16 - 7 = 9 eggs", MANY, "9"),
    Case("x = 5", MANY, "5"),
    Case("#### 18", MANY, "18"),
    Case("She sells 9.\n#### 1,018", MANY, "1018"),
    Case("Answer: 25%", PERCENT, "25"),
    Case("Answer: 25", PERCENT, "25"),
    Case("It is 25 \\%.", PERCENT, "25"),
    Case("Answer: 1e3", MANY, "1e3"),
    Case("Answer: **42**", MANY, "42"),
    Case("Answer: about 12", MANY, "12"),
    Case("The total is €15.", MANY, "15"),
    Case("None are left.", MANY, None),
    Case("I cannot answer that.", MANY, None),
    Case("Seven.", MANY, None),
    Case("First 3, then 5. Answer: 4", MANY, "4"),
    Case("Answer: 5\nAnswer: 6", MANY, "6"),
    Case("2 + 2 = 4", "What is 2 + 2?", "4"),
    Case("4", "What is 2 + 2?", "4"),
    # Mathematics.
    Case("So we get $x+1$.", MATHS, "x+1"),
    Case("\\boxed{x+1}", MATHS, "x+1"),
    Case("\\boxed{1} is wrong, \\boxed{\\frac{a_{2}}{b}} is right", MATHS, "\\frac{a_{2}}{b}"),
    Case("Answer: $\\frac{1}{2}$", MATHS, "\\frac{1}{2}"),
    Case("Answer: x = 1 or x = 2", MATHS, "x = 1 or x = 2"),
    Case("Answer: $2\\sqrt{3}$, since 12 = 4·3", MATHS, "2\\sqrt{3}"),
    Case('{"answer": "\\\\frac{1}{2}"}', MATHS, "\\frac{1}{2}"),
    Case('{"answer": "\\sqrt{2}"}', MATHS, "\\sqrt{2}"),
    Case("The result is $[1, 3)$", MATHS, "[1, 3)"),
    Case("I am not sure.", MATHS, None),
    # Literals.
    Case('{"answer": "[1, 2]"}', OUTPUT, "[1, 2]"),
    Case('{"answer": [1, 2]}', OUTPUT, "[1, 2]"),
    Case('{"answer": ""}', OUTPUT, "''"),
    Case('{"answer": " a "}', OUTPUT, "' a '"),
    Case('{"answer": "abc"}', OUTPUT, "abc"),
    Case('{"answer": True}', OUTPUT, "True"),
    Case('{"answer": \'{"a": 1}\'}', OUTPUT, '{"a": 1}'),
    Case("assert f(1) == {'a': (1, 2)}", OUTPUT, "{'a': (1, 2)}"),
    Case("It returns `[(4, 1)]`.", OUTPUT, "[(4, 1)]"),
    Case("Answer: 'Ab'", OUTPUT, "'Ab'"),
    Case("The answer is `None`.", OUTPUT, "None"),
    Case("['a']", OUTPUT, "['a']"),
    # Short answers.
    Case("Homer", WHO, "Homer"),
    Case("**Homer**.", WHO, "Homer"),
    Case("It is said that many hands wrote it, over many years, in many places.", WHO, None),
    Case("Answer: Homer\n\nHe was blind.", WHO, "Homer"),
    Case("Unknown to me.\nAnswer: unknown", WHO, None),
    Case("Sorry, I can't answer that.", WHO, None),
    Case("two\nlines", WHO, None),
    Case("The name is <answer>Homer</answer>, I think.", WHO, "Homer"),
    Case("<answer>Sappho</answer> no: <answer>Homer</answer>", WHO, "Homer"),
    Case("\ud800Answer: Homer", WHO, "Homer"),
    Case("Answer\u200b: Homer", WHO, None),
    # Code and JSON.
    Case("```python\ndef f():\n    return 1\n```", "Write a function.", "def f():\n    return 1"),
    Case('Here:\n```json\n{"a": 1,}\n```', "Give JSON.", '{"a": 1}', "json"),
    Case('{"a": [1, 2}', "Give JSON.", '{"a": [1, 2]}', "json"),
    Case("no object at all", "Give JSON.", None, "json"),
    Case("All of this.\nIt stays.", "Describe it.", "All of this.\nIt stays."),
]

CASES = [*WRITTEN, *FRAMED]
