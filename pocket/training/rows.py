"""Training rows: the tokens that a model reads, and its target after each of them."""

from __future__ import annotations

from tokenizers import Tokenizer

from ..questions import Question
from ..session import ASSISTANT, END, USER

SILENT = -100
"""The target of tokens without a loss; `torch.nn.functional.cross_entropy` skips it."""

Row = tuple[list[int], list[int]]
"""Token ids, and the target after each of them except the last."""


def reply_rows(
    questions: list[Question], tokenizer: Tokenizer, *, lower: bool = False
) -> list[Row]:
    """Rows of specialists and the generalist: the reply's tokens, then the end mark."""
    prompts = tokenizer.encode_batch([f" {q.text.lower() if lower else q.text}" for q in questions])
    replies = tokenizer.encode_batch([q.reply for q in questions])
    return [
        (
            [USER, *prompt.ids, ASSISTANT, *reply.ids, END],
            [SILENT] * (len(prompt.ids) + 1) + [*reply.ids, END],
        )
        for prompt, reply in zip(prompts, replies, strict=True)
    ]
