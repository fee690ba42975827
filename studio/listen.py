"""The server's address: a free port, an address of this machine, and whether others reach it."""

from __future__ import annotations

import errno
import ipaddress
import socket

from ..errors import InputError

LOCAL = ("127.0.0.1", "localhost", "::1")
"""Names of the loopback address."""

_HIGHEST = 65535


def free_port(host: str, port: int | None = None) -> int:
    """A free port of `host`.

    Args:
        host: An address of this machine, or a name of it.
        port: The wanted port; None takes any free one.

    Raises:
        InputError: There is no such port or address, or another program listens there.

    Example:
        >>> free_port("127.0.0.1") > 0
        True
        >>> free_port("127.0.0.1", 99999)
        Traceback (most recent call last):
        langgraph_ensemble.errors.InputError: --port 99999: choose one from 1 to 65535
    """
    if port is not None and not 0 <= port <= _HIGHEST:
        raise InputError(f"--port {port}: choose one from 1 to {_HIGHEST}")
    family, where = _address(host, port or 0)
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
        except OSError as error:
            raise InputError(_why_not(host, port, error)) from None
        return listener.getsockname()[1]


def is_open(host: str) -> bool:
    """Whether an address can be reached from other machines.

    Example:
        >>> is_open("0.0.0.0"), is_open("127.0.0.9"), is_open("localhost")
        (True, False, False)
    """
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host not in LOCAL


def _address(host: str, port: int) -> tuple[int, tuple[str, int]]:
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise InputError(f"--host {host!r}: there is no such address; {_HOSTS}") from None
    family, _, _, _, where = addresses[0]
    return family, (str(where[0]), port)


_HOSTS = "127.0.0.1 is this machine only, 0.0.0.0 all its networks"


def _why_not(host: str, port: int | None, error: OSError) -> str:
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL):
        return f"--host {host!r}: this machine does not have that address; {_HOSTS}"
    if error.errno == errno.EACCES:
        return f"--port {port}: the system does not allow it; choose one above 1023"
    if error.errno == errno.EADDRINUSE:
        return f"--port {port}: another program listens there; choose another, or omit it"
    return f"cannot listen on port {port} of {host}: {error.strerror}"
