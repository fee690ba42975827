"""Check a value against a JSON schema, with the reason in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError

_LONGEST = 160


class Schema:
    """A JSON schema for checking values. It must be complete, because nothing is fetched for it.

    Attributes:
        source: The schema itself.

    Example:
        >>> ages = Schema({"type": "object", "properties": {"age": {"type": "integer"}}})
        >>> ages.misfit({"age": 7}), ages.misfit({"age": "7"})
        (None, "age: '7' is not of type 'integer'")
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Check the schema itself.

        Raises:
            InputError: It is not valid.
        """
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry

        self.source: dict[str, Any] = dict(schema)
        kind = validator_for(self.source)
        try:
            kind.check_schema(self.source)
        except SchemaError as error:
            raise InputError(f"the schema of the answer is not valid: {error.message}") from None
        # With its own registry the validator fetches nothing to resolve references.
        self._judge = kind(self.source, registry=Registry())  # pyright: ignore[reportCallIssue]

    def misfit(self, value: Any) -> str | None:
        """The reason why `value` does not fit; None if it does.

        Raises:
            InputError: The schema refers to something outside itself.
        """
        from jsonschema.exceptions import best_match
        from referencing.exceptions import Unresolvable

        try:
            error = best_match(self._judge.iter_errors(value))
        except Unresolvable as error:
            raise InputError(f"the schema of the answer is not whole: {error}") from None
        if error is None:
            return None
        place = ".".join(map(str, error.absolute_path))
        return f"{place}: {error.message}"[:_LONGEST] if place else error.message[:_LONGEST]
