"""Start: child roles first, before anything else is imported; then the window."""

import gc
import signal
import sys


def main() -> int:
    """Play a role of a child process, or open the window; return the exit code."""
    # What is imported now stays: collecting it costs a tenth of the time to the first
    # paint. From then on the application collects by itself (desktop/collector.py).
    gc.disable()
    if len(sys.argv) > 1 and sys.argv[1] in _roles():
        from core.processes import run_role

        return run_role(sys.argv[1:])
    from desktop.arguments import parse

    arguments = parse(sys.argv[1:])
    if arguments.reset_admin is not None:
        from core.processes import run_role

        return run_role(["reset-admin", *arguments.reset_admin])
    if arguments.tour is not None:
        from desktop.tour import run as give_tour

        return give_tour(arguments.tour)
    from desktop.app import run

    return run(arguments)


def _roles() -> frozenset[str]:
    from core.processes import ROLES

    return frozenset(ROLES)


if __name__ == "__main__":
    # Until the window can end in order, Ctrl+C ends this as it ends any program: raised amid
    # the imports of Qt, KeyboardInterrupt was printed, swallowed, or aborted the process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main())
