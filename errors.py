"""The error for bad input, which a user can correct."""


class InputError(ValueError):
    """Bad input: one line that says what is wrong and what to change.

    The command line prints the text and exits with code 2, so it never contains a secret, a stack
    trace or a model's output.

    Example:
        >>> raise InputError("pool.yaml: 'model' is missing; add it")
        Traceback (most recent call last):
        ...
        langgraph_ensemble.errors.InputError: pool.yaml: 'model' is missing; add it
    """
