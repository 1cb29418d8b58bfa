"""Serve a WSGI application as facehealth/parent.py serves ours: python serve.py module:application PORT THREADS.

It imports nothing of the project, so that it runs with the packages of a peer too.
"""

import multiprocessing
import os
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer


def main(target: str, port: int, threads: int) -> None:
    multiprocessing.set_start_method("spawn", force=True)
    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    server = MPServer(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        workers_kill_timeout=5,
        websockets=False,
        log_level=LogLevels.error,
    )
    super(MPServer, server).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
