"""A tokenizer for each bundled model: known words are one token each, the rest are characters.

A word that a model never learnt is spelled in characters, so that the model can recognise that it
does not know it; and a model that works on letters must see letters. So each model has its own
words.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from ..questions import DOMAINS, sample
from ..questions.surface import NEUTRAL
from ..questions.words import EVERYDAY, INSTRUCTIONS

SPECIAL = ("<pad>", "<unk>", "<user>", "<assistant>", "<end>")

# A word includes the space before it; digits and signs are single tokens. In a list a comma keeps
# its space and a number of two digits is one token, because sorting compares numbers, not digits.
PIECES = r", (?=\d)|(?<=[\[ ])\d\d(?=[,\]])| ?[A-Za-z]+|[\s\S]"
MORE = "×÷−–’‘“”²³√€£°½¼…"
"""Characters beyond printable ASCII that people type."""

VERDICT = ("Right", "right", "yes", "no")
"""Words of the referee's question and reply."""
_NOT_TOKENS = (
    "hello",
    "hi",
    "hey",
    "friend",
    "question",
    "thanks",
    "thank",
    "quick",
    "good",
    "one",
)
PYTHON = (
    *("print", "len", "range", "for", "in", "if", "else", "upper", "lower", "title", "capitalize"),
    *("max", "min", "sum", "sorted", "abs", "type", "list"),
)

# With the space a word is the same token at the start as elsewhere. Questions are independent: the
# models never saw a conversation or instructions.
CHAT_TEMPLATE = (
    "{%- set ns = namespace(last='') -%}"
    "{%- for message in messages if message['role'] == 'user' -%}"
    "{%- set ns.last = message['content'] -%}"
    "{%- endfor -%}"
    "{{ '<user> ' + ns.last }}"
    "{%- if add_generation_prompt -%}{{ '<assistant>' }}{%- endif -%}"
)


def build_tokenizer(
    domains: Sequence[str], *, lower: bool, seed: int = 0, sample_size: int = 6000, least: int = 4
) -> Tokenizer:
    """Collect the words of some domains' questions into a tokenizer.

    Args:
        domains: Domains of the words; `("referee",)` means all.
        lower: Whether the model reads prompts in lower case.
        seed: Seed of the questions in which the words are counted.
        sample_size: Number of questions per domain, all of the training split.
        least: Minimum count of a word, which excludes invented words and typing errors.
    """
    counts: Counter[str] = Counter()
    for domain in DOMAINS if domains == ("referee",) else domains:
        for q in sample(domain, sample_size * (2 if domain == "facts" else 1), seed, "train"):
            text = q.text.lower() if lower else q.text
            if domain == "strings" and len(domains) == 1:
                # The model works on letters; only the words of instructions are tokens.
                text = text.lower()
                counts.update(set(re.findall(PIECES, " " + re.sub(r"'\w+'|\"\w+\"", "", text))))
                continue
            counts.update(re.findall(PIECES, " " + text))
            if domain not in ("strings", "code"):
                counts.update(re.findall(PIECES, q.reply))
    if domains == ("strings",):
        # A word to work on is in fewer than one of two hundred questions.
        least = sample_size // 150
    if domains == ("code",):
        least = sample_size // 200
    words = {p for p, n in counts.items() if len(p.strip()) > 1 and n >= least}
    if domains == ("strings",):
        words -= {f" {word}" for word in {*EVERYDAY, *_NOT_TOKENS} - {*INSTRUCTIONS}}
    elif domains == ("code",):
        words = {word for word in words if word[0] == " " or word in PYTHON}
    else:
        words |= {f" {word}" for word in NEUTRAL}
    characters = [*(c for c in string.printable if c not in "\r\x0b\x0c"), *MORE]
    always = {"Answer", " not", " sure", *(VERDICT if domains == ("referee",) else ())}
    pieces = dict.fromkeys([*SPECIAL, *characters, *sorted({*words, *always}), ", "])
    tokenizer = Tokenizer(
        models.BPE(
            vocab={piece: i for i, piece in enumerate(pieces)},
            merges=[],
            unk_token="<unk>",  # noqa: S106 - a token, no password
            ignore_merges=True,
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PIECES), "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path, *, lower: bool) -> None:
    """Write the Hugging Face files of the tokenizer, with its chat template, into a folder."""
    last = "ns.last | lower" if lower else "ns.last"
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        eos_token="<end>",  # noqa: S106
        padding_side="left",
        model_max_length=256,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE.replace("+ ns.last ", f"+ {last} "),
    )
    fast.save_pretrained(folder)
