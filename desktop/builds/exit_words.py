"""What exit codes and signals mean, where that is a convention of all shells."""

import signal

from core.translation import _

_BY_SIGNAL = 128


def exit_code_words(code: int) -> str:
    """Return an exit code, and what it means where that is known.

    A shell gives 128 and the number of the signal for a command that a signal ended.
    """
    match code:
        case 126:
            meaning = _("command not executable")
        case 127:
            meaning = _("command not found")
        case _:
            meaning = _meaning(code - _BY_SIGNAL)
    if not meaning:
        return _("exit code {code}").format(code=code)
    return _("exit code {code} ({meaning})").format(code=code, meaning=meaning)


def signal_words(number: int) -> str:
    """Return that a signal ended a build, and what it means where that is known."""
    meaning = _meaning(number)
    if not meaning:
        return _("ended by signal {number}").format(number=number)
    return _("ended by signal {number} ({meaning})").format(number=number, meaning=meaning)


def _meaning(number: int) -> str:
    """Return the meaning of a signal; the numbers of some differ between systems."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        return ""
    return {
        "SIGHUP": _("terminal closed"),
        "SIGINT": _("interrupted"),
        "SIGQUIT": _("asked to quit"),
        "SIGILL": _("illegal instruction"),
        "SIGTRAP": _("trap"),
        "SIGABRT": _("aborted"),
        "SIGBUS": _("bus error"),
        "SIGFPE": _("arithmetic error"),
        "SIGKILL": _("killed"),
        "SIGSEGV": _("segmentation fault"),
        "SIGPIPE": _("broken pipe"),
        "SIGTERM": _("asked to end"),
        "SIGXCPU": _("processor time used up"),
        "SIGXFSZ": _("file too large"),
    }.get(name, "")
