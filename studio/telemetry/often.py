"""Work that a thread does again and again, such as writing what has been gathered."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Often:
    """A thread that does some work every few seconds, until it is closed.

    Args:
        work: The work.
        every: Seconds between two turns.
        name: Name of the thread.

    Example:
        >>> done = []
        >>> Often(lambda: done.append("written"), 60.0, "writer").close()
        >>> done
        ['written']
    """

    def __init__(self, work: Callable[[], None], every: float, name: str) -> None:
        self._work = work
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._turns, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, and do the work a last time."""
        self._over.set()
        self._thread.join()
        self._work()

    def _turns(self) -> None:
        while not self._over.wait(self._every):
            self._work()
