"""Reading a list of 1,000,000 people through the service: pages, orders, searches."""

import asyncio
import hashlib
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles

from benchmarks import seeding
from benchmarks.figures import Figure, at_most
from benchmarks.references import bare_page
from benchmarks.workload import scratch_home
from core.app import open_core
from core.database.query.schemas import Filter, ListQuery, Operator, PageStart, Slice
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.users.schemas import UserRow
from core.users.service import UserService

USERS = 1_000_000
PAGE = 100
PAGES = 200
TIMES = 9
_CACHE = Path("build")

Ask = Callable[[ListQuery, PageStart], Awaitable[Slice[UserRow]]]
_LAST = PageStart(backwards=True)
_QUESTIONS = (
    ("first page", ListQuery(), PageStart()),
    ("last page", ListQuery(), _LAST),
    ("first page by name", ListQuery(order=("display_name",)), PageStart()),
    ("last page by newest", ListQuery(order=("-created_at",)), _LAST),
    ("first page by role", ListQuery(order=("role",)), PageStart()),
    ("last page by last activity", ListQuery(order=("last_active_at",)), _LAST),
    ("search, common", ListQuery(search="ann"), PageStart()),
    ("search, an address", ListQuery(search="smith@example.org"), PageStart()),
    ("search, rare", ListQuery(search="guadalupe.ibanez"), PageStart()),
    ("search, nobody", ListQuery(search="zzyzzyx"), PageStart()),
    ("search, 2 letters", ListQuery(search="an"), PageStart()),
    ("search, Chinese", ListQuery(search="王丽丽"), PageStart()),
)


def run() -> list[Figure]:
    """Measure in a file that is made once and kept in ``build``."""
    file = the_million()
    return asyncio.run(_measure(file))


def the_million() -> Path:
    """Return a workspace with 1,000,000 people, made when the schema or the seeder changed."""
    root = Path(__file__).parents[1]
    here = Path(__file__).parent
    schema = sorted((root / "migrations" / "versions").glob("*.py"))
    digest = hashlib.sha256()
    for source in (*schema, here / "people.py", here / "seeding.py"):
        digest.update(source.read_bytes())
    file = (root / _CACHE / f"bench-users-{digest.hexdigest()[:12]}.db").absolute()
    if not file.exists():
        print("making 1,000,000 people; this takes some minutes", file=sys.stderr, flush=True)
        file.parent.mkdir(exist_ok=True)
        partial = file.with_name(f"making-{file.name}")
        partial.unlink(missing_ok=True)
        seeding.make(partial, users=USERS)
        partial.rename(file)
        shutil.rmtree(partial.with_suffix(".buildbench"))
    return file


async def _measure(file: Path) -> list[Figure]:
    with scratch_home():
        async with open_core(load_settings()) as core:
            workspace = await core.workspaces.open(file)
            workspace.gate.open_here = True
            actor = Actor.of_this_computer(Origin.SCRIPT)
            ask = _asking(workspace.users, actor)
            figures = [
                at_most(f"1 M users, {name}", await _median(ask, query, start), "ms", 50)
                for name, query, start in _QUESTIONS
            ]
            pages = await _pages(ask)
    bare = await asyncio.to_thread(_bare, file)
    middle, high = median(pages), quantiles(pages, n=20)[18]
    page = at_most("1 M users, a page of 100, median", middle, "ms", 10)
    return [
        *figures,
        Figure(page.name, middle, "ms", bare, middle / bare, page.aim, page.ok),
        at_most("1 M users, a page of 100, p95", high, "ms", 20),
    ]


def _asking(users: UserService, actor: Actor) -> Ask:
    async def ask(query: ListQuery, start: PageStart) -> Slice[UserRow]:
        return await users.slice(actor, query=query, start=start, limit=PAGE)

    return ask


async def _median(ask: Ask, query: ListQuery, start: PageStart) -> float:
    """Return the median in milliseconds; the first time counts as every other."""
    return median([await _milliseconds(ask, query, start) for _ in range(TIMES)])


async def _milliseconds(ask: Ask, query: ListQuery, start: PageStart) -> float:
    started = time.perf_counter()
    await ask(query, start)
    return (time.perf_counter() - started) * 1000


async def _pages(ask: Ask) -> list[float]:
    """Return what pages all over the list take, each read for the first time."""
    chance = random.Random(5)
    found = []
    for _ in range(PAGES):
        begin = "".join(chance.choice("abcdefghijklmnoprstuv") for _ in range(3))
        query = ListQuery((Filter("username", Operator.GTE, begin),))
        found.append(await _milliseconds(ask, query, PageStart()))
    return found


def _bare(file: Path) -> float:
    script = [sys.executable, bare_page.__file__, str(file), str(PAGES)]
    done = subprocess.run(script, check=True, capture_output=True, text=True)
    return float(done.stdout) * 1000
