"""The abilities that a question needs of a model: vision, tools, a response format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage

from ..errors import InputError
from ..voting.form import Form
from .images import asks_about_images

if TYPE_CHECKING:
    from ..member import Member
    from .context import EnsembleContext

NO_TOOLS = "it cannot call tools"
BLIND = "it cannot see images (a member that can has 'vision: true' in the pool file)"


def cannot_draft(
    member: Member, messages: Sequence[BaseMessage], knobs: EnsembleContext | None = None
) -> str | None:
    """The reason why `member` should not draft, if there is one.

    A model without vision would make up a draft about an image.

    Args:
        member: The member.
        messages: The conversation.
        knobs: Given if the draft may become the answer, which must then have the required form.
    """
    if asks_about_images(messages) and not member.vision:
        return BLIND
    if knobs is None:
        return None
    if calls_tools(knobs) and knobs.drafts_call and not member.calls_tools:
        return NO_TOOLS
    return _cannot_form(member, knobs)


def cannot_write(member: Member, knobs: EnsembleContext) -> str | None:
    """The reason why `member` cannot write the final answer, if there is one."""
    if getattr(knobs, "answer_tools", None) and not member.calls_tools:
        return NO_TOOLS
    return _cannot_form(member, knobs)


def writers(
    candidates: Sequence[Member], messages: Sequence[BaseMessage], knobs: EnsembleContext
) -> list[Member]:
    """The members that can write the answer, in order; those with vision first for images."""
    able = [member for member in candidates if cannot_write(member, knobs) is None]
    if asks_about_images(messages):
        able.sort(key=lambda member: not member.vision)
    return able


def check_drafting(
    members: Iterable[Member], messages: Sequence[BaseMessage], knobs: EnsembleContext | None = None
) -> None:
    """Refuse a question that no member can draft.

    Raises:
        InputError: No member can, with the reasons; or the required form is invalid.
    """
    if knobs is not None and knobs.drafts_call:
        form_of(knobs)
    elif getattr(knobs, "answer_tools", None):
        raise InputError(
            "a graph that chooses among drafts calls no tools; build it with finish='write', or "
            "name an aggregator of a billion parameters or more"
        )
    reasons = {member.name: cannot_draft(member, messages, knobs) for member in members}
    _refuse("draft an answer to this", reasons)


def check_writing(members: Iterable[Member], knobs: EnsembleContext) -> None:
    """Refuse an answer that no member can write.

    Raises:
        InputError: No member can, with the reasons.
    """
    reasons = {member.name: cannot_write(member, knobs) for member in members}
    _refuse("write the answer that is asked for", reasons)


def _refuse(what: str, reasons: dict[str, str | None]) -> None:
    if reasons and all(reasons.values()):
        each = "; ".join(sorted({str(reason) for reason in reasons.values()}))
        raise InputError(f"no member of the pool can {what}: {', '.join(reasons)}: {each}")


def _cannot_form(member: Member, knobs: EnsembleContext) -> str | None:
    form = wanted_form(knobs)
    if form is None or form in member.forms:
        return None
    return f"it cannot be held to the response format {form}"


def calls_tools(knobs: EnsembleContext) -> bool:
    """Whether the answer may be tool calls."""
    choice = getattr(knobs, "answer_tool_choice", None)
    return bool(getattr(knobs, "answer_tools", None)) and choice != "none"


def form_of(knobs: EnsembleContext) -> Form:
    """The form that a draft must have to become the answer.

    Raises:
        InputError: A schema is not valid, or the tool that must be called does not exist.
    """
    return Form.of(
        getattr(knobs, "answer_tools", None),
        getattr(knobs, "answer_tool_choice", None),
        knobs.answer_format,
        getattr(knobs, "answer_schema", None),
    )


def wanted_form(knobs: EnsembleContext) -> str | None:
    """`json_object` or `json_schema` if the answer must be JSON; otherwise None."""
    form = (knobs.answer_format or {}).get("type")
    return None if form in (None, "text") else str(form)
