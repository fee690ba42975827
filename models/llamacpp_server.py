"""One llama.cpp server in a process of its own; started by `llamacpp_process`, never imported.

The first line of standard input is JSON: model, key, parallel, context, threads, template. The
first line of standard output is JSON too: the address. The process ends with its parent: standard
input is a pipe that only the parent holds open, so it closes however the parent ends.
"""

import json
import os
import sys
import threading
import time
from importlib import import_module
from typing import Any


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _parameters(wanted: dict[str, Any]) -> Any:
    xllamacpp: Any = import_module("xllamacpp")

    found = xllamacpp.CommonParams()
    found.model.path = wanted["model"]
    # Port 0: the system chooses a free one. With a key nobody else on this machine, and no page in
    # a browser, can use the server.
    found.hostnames, found.port, found.api_keys = ["127.0.0.1"], 0, [wanted["key"]]
    found.n_parallel = wanted["parallel"]
    found.n_ctx = wanted["parallel"] * wanted["context"]
    found.cpuparams.n_threads = found.cpuparams_batch.n_threads = wanted["threads"]
    found.default_template_kwargs = wanted["template"]
    found.ui, found.verbosity = False, 1
    return found


def main() -> None:
    """Serve until standard input closes or the parent is gone."""
    parent = os.getppid()
    # llama.cpp logs to standard output; the address must not drown in it.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    wanted = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    xllamacpp: Any = import_module("xllamacpp")

    server = xllamacpp.Server(_parameters(wanted))
    answers.write(json.dumps({"address": server.listening_address}) + "\n")
    answers.close()
    while os.getppid() == parent:
        time.sleep(1)
    # The library's own ending waits for connections; nothing here needs saving.
    os._exit(0)


if __name__ == "__main__":
    main()
