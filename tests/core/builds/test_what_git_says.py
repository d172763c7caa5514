"""What git says and what that means: of servers that no test here can have."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "core" / "builds" / "running" / "checkout.py"

SAID = [
    ("git@example.org: Permission denied (publickey).\nfatal: Could not read from", "access",
     "git@example.org: Permission denied (publickey)."),
    ("Host key verification failed.\nfatal: Could not read", "host_key", "Host key verif"),
    ("fatal: could not read Username for 'https://x': terminal prompts disabled", "access",
     "could not read Username"),
    ("remote: Repository not found.\nfatal: repository 'https://x/' not found", "not_found",
     "Repository not found."),
    ("ssh: Could not resolve hostname x: Name or service not known\nfatal: Could not read",
     "network", "ssh: Could not resolve hostname x"),
    ("fatal: unable to access 'https://x/': SSL certificate problem: expired", "certificate",
     "unable to access"),
    ("error: unable to create file a: Permission denied", "folder", "unable to create file a"),
    ("fatal: write error: No space left on device", "no_room", "write error"),
    ("error: RPC failed; curl 56\nfatal: early EOF", "network", "RPC failed"),
    ("fatal: Unable to create '/x/.git/index.lock': File exists.", "locked", "Unable to"),
    ("fatal: a new way to fail", "failed", "a new way to fail"),
    ("", "failed", ""),
]  # fmt: skip


@pytest.mark.parametrize(("said", "code", "about"), SAID)
def test_what_git_says_and_means(said: str, code: str, about: str) -> None:
    program = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]);"
        " e = m['refusal'](sys.argv[2]); print(e.code, e.about, sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(SCRIPT), said],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found, _bar, told = done.stdout.strip().partition("|")
    assert found == code
    assert told.startswith(about)


HOSTILE = ["'" * 1_000_000, "a" * 1_000_000 + "@", "://" * 300_000 + "@"]


@pytest.mark.parametrize("line", HOSTILE, ids=["quotes", "scheme", "addresses"])
def test_a_line_without_end_is_read_at_once(line: str) -> None:
    """Seen to take 19 s of a line of 64 KiB, the fourfold of one twice as long."""
    program = (
        "import json, runpy, sys; m = runpy.run_path(sys.argv[1]); said = json.load(sys.stdin);"
        " print(m['refusal'](said).code, m['masked_text'](said + 'https://a:secret@b')[-20:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(SCRIPT)],
        input=json.dumps(line), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("failed ")
    assert done.stdout.endswith("https://a:********@b\n")
