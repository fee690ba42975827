"""One tokenizer for every bundled model: known words are one token each, the rest characters."""

# pyright: reportMissingImports=false
from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from ..questions import DOMAINS, SPLITS, sample
from ..questions.base import NEUTRAL

SPECIAL = ("<pad>", "<unk>", "<user>", "<assistant>", "<end>")

# A word takes the space before it along; a digit and a sign stand alone. In a list a comma keeps
# its space and a number of two digits is one token: sorting is about numbers, not about digits.
PIECES = r", (?=\d)|(?<=[\[ ])\d\d(?=[,\]])| ?[A-Za-z]+|[\s\S]"

VERDICT = ("Right", "yes", "no")
"""Words of the referee's question and reply."""

# The space makes a word the same token at the start as elsewhere. Each question stands alone:
# the models never saw a conversation or instructions.
CHAT_TEMPLATE = (
    "{%- set ns = namespace(last='') -%}"
    "{%- for message in messages if message['role'] == 'user' -%}"
    "{%- set ns.last = message['content'] -%}"
    "{%- endfor -%}"
    "{{ '<user> ' + ns.last }}"
    "{%- if add_generation_prompt -%}{{ '<assistant>' }}{%- endif -%}"
)


def build_tokenizer(*, seed: int = 0, sample_size: int = 4000, least: int = 4) -> Tokenizer:
    """Collect the words of the questions' wordings into a tokenizer.

    Args:
        seed: draws the questions that the words are counted in.
        sample_size: questions drawn for each domain and split.
        least: how often a word must occur, which keeps made-up strings out.
    """
    counts: Counter[str] = Counter()
    for domain in DOMAINS:
        for split in SPLITS:
            for q in sample(domain, sample_size, seed, split, noise=0.0):
                # Strings in quotes are spelled letter by letter.
                counts.update(re.findall(PIECES, " " + re.sub(r"'\w+'", "", q.text)))
                if domain != "strings":
                    counts.update(re.findall(PIECES, q.reply))
    words = (p for p, n in counts.items() if len(p.strip()) > 1 and n >= least)
    characters = [c for c in string.printable if c not in "\r\x0b\x0c"]
    pieces = dict.fromkeys(
        [*SPECIAL, *characters, *sorted({*words, *VERDICT, *(f" {w}" for w in NEUTRAL)}), ", "]
    )
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


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write the Hugging Face files of the tokenizer, with its chat template, into a folder."""
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        eos_token="<end>",  # noqa: S106
        padding_side="left",
        model_max_length=256,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )
    fast.save_pretrained(folder)
