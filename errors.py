"""The error a user can act on."""


class InputError(ValueError):
    """Bad input: one line that names what is wrong and what to change.

    The command line prints it as it is and leaves with exit code 2, so it never holds a secret,
    a stack trace or a model's output.

    Example:
        >>> raise InputError("pool.yaml: 'model' is missing; add it")
        Traceback (most recent call last):
        ...
        langgraph_ensemble.errors.InputError: pool.yaml: 'model' is missing; add it
    """
