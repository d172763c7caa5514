"""Real repositories of git in temporary folders."""

import os
import subprocess
from pathlib import Path

_ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Grace Hopper",
    "GIT_COMMITTER_EMAIL": "grace@example.org",
}


class Repository:
    """A repository with a work tree, on branch ``main``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        """Its address."""
        return self.folder.as_uri()

    def git(self, *arguments: str) -> str:
        """Return what git prints here."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**os.environ, **_ALONE},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, subject: str = "Change it", **files: str) -> str:
        """Commit these files, by default one that tells the subject; return the hash."""
        for name, content in (files or {"told": subject}).items():
            path = self.folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            self.git("add", "--", str(path))
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.head()

    def head(self, name: str = "HEAD") -> str:
        """Return the hash of a commit."""
        return self.git("rev-parse", f"{name}^{{commit}}")

    def branch(self, name: str) -> None:
        """Go to a new branch."""
        self.git("checkout", "--quiet", "-b", name)
