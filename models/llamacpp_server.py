"""One llama.cpp server in a process of its own; started by `llamacpp_process`, never imported.

The first line of standard input is JSON with model, key, parallel, context, threads and template.
The first line of standard output is JSON with the address. The process ends with its parent: only
the parent holds the pipe of standard input open, so it closes however the parent ends.
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

    parameters = xllamacpp.CommonParams()
    parameters.model.path = wanted["model"]
    # Port 0: the system chooses a free port. The key keeps other users of this machine, and pages
    # in a browser, from using the server.
    parameters.hostnames, parameters.port, parameters.api_keys = ["127.0.0.1"], 0, [wanted["key"]]
    parameters.n_parallel = wanted["parallel"]
    parameters.n_ctx = wanted["parallel"] * wanted["context"]
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = wanted["threads"]
    parameters.default_template_kwargs = wanted["template"]
    parameters.ui, parameters.verbosity = False, 1
    return parameters


def main() -> None:
    """Serve until standard input closes or the parent is gone."""
    parent = os.getppid()
    # llama.cpp logs to standard output, where the address must stay readable.
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
    # The library's own shutdown waits for connections, and there is nothing to save.
    os._exit(0)


if __name__ == "__main__":
    main()
