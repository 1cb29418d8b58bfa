"""The process that starts the server's worker, says when the site answers, and waits. It does without Django.

`server.run` puts it in the place of the process that made everything ready, whose 60 MB nothing needs any more.
"""

import http.client
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import resource_tracker
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

THREADS = 32
"""How many requests are answered at a time: what is slow must not stop the rest."""


OF_TERMINALS = {signal.SIGINT, signal.SIGHUP}
"""What reaches every process of a terminal: Ctrl-C, and that it is closed."""


class SiteServer(MPServer):
    """granian's server with one worker, which leaves the signals of a terminal to this process."""

    def startup(self, *args: object) -> None:
        """Start the worker while these signals are held back: a process inherits what its parent holds back.

        The worker would get Ctrl-C, and then this process's order to stop, and granian's worker hangs when the two
        come together. That the terminal is closed would end it on the spot, before it writes what it has counted.
        """
        # The tracker of multiprocessing's resources lets Ctrl-C through as it starts: so it starts first.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, OF_TERMINALS)
        super().startup(*args)  # type: ignore[no-untyped-call]  # granian says no types here
        # A terminal that is closed ends the site; granian would start new workers.
        signal.signal(signal.SIGHUP, self.signal_handler_interrupt)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, OF_TERMINALS)

    def _spawn_worker(self, *args: Any, **options: Any) -> WorkerProcess:
        worker = super()._spawn_worker(*args, **options)
        tell_of_its_end: Callable[[], None] = worker._watcher

        def watch() -> None:
            """Stop where the worker was asked to: systemd asks both, and it may be the faster, or not ready yet."""
            worker.inner.join()
            if worker.inner.exitcode in (0, -signal.SIGTERM) and not worker.interrupt_by_parent:
                worker.interrupt_by_parent = True
                self.signal_handler_interrupt()  # type: ignore[no-untyped-call]
            tell_of_its_end()

        worker._watcher = watch  # type: ignore[method-assign]
        return worker

    def serve(self, *args: Any, **options: Any) -> None:
        """As granian's servers do, without MPServer's advice to have fewer threads."""
        super(MPServer, self).serve(*args, **options)


def own_host(host: str) -> str:
    """The host to ask from this machine: the one that is listened on, or the loopback address where that is all."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def is_healthy(host: str, port: int, name: str) -> bool:
    """Whether /healthz answers 200, asked at an address under a name that ALLOWED_HOSTS knows."""
    asked = http.client.HTTPConnection(own_host(host), port, timeout=5)
    try:
        asked.request("GET", "/healthz", headers={"Host": name})
        return asked.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def announce(host: str, port: int, name: str, lines: Sequence[str]) -> None:
    """Print the lines as soon as the site is healthy."""
    while not is_healthy(host, port, name):
        time.sleep(0.05)
    print(*lines, sep="\n", flush=True)


def main(host: str, port: str, name: str, *lines: str) -> None:
    """Serve until a signal ends it. name: one that ALLOWED_HOSTS knows. lines: what to print once the site answers."""
    # The worker starts from scratch: it inherits neither this process's memory nor its threads.
    multiprocessing.set_start_method("spawn", force=True)
    server = SiteServer(
        "facehealth.wsgi:application",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=5,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.on_startup(threading.Thread(target=announce, args=[host, int(port), name, lines], daemon=True).start)
    server.serve()


if __name__ == "__main__":
    # Until the server runs, Ctrl-C ends it on the spot.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main(*sys.argv[1:])
