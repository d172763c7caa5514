"""How many bytes of the database a log takes: real output, repeated with seeded changes."""

import asyncio
import random
import re
import shlex
import shutil
from pathlib import Path

import zstandard

from benchmarks.figures import Figure, ratio_at_most
from benchmarks.workload import Builder, builder, scratch_home
from core.projects.schemas import ProjectCreate

RAW_BYTES = 50_000_000
SAMPLE = Path(__file__).parent / "samples" / "build.log"
SECRETS = {
    f"TOKEN_{number}": f"s3cr3t-{number}-{'kqzvxw'[number:]}-pass" for number in range(5)
}
_NUMBER = re.compile(rb"\d+")


def run() -> list[Figure]:
    """Build a command that prints the output and five secrets, and measure what is stored."""
    return asyncio.run(_measure())


def write_output(file: Path, size: int = RAW_BYTES) -> None:
    """Write the sample again and again, in another order with other numbers, and secrets."""
    chance = random.Random(11)
    sample = SAMPLE.read_bytes().splitlines(keepends=True)
    with file.open("wb") as out:
        while out.tell() < size:
            chance.shuffle(sample)
            out.write(_NUMBER.sub(lambda found: _other(found[0], chance), b"".join(sample)))
            out.write(f"using {chance.choice(list(SECRETS.values()))}\n".encode())


def _other(number: bytes, chance: random.Random) -> bytes:
    return str(chance.randrange(10 ** min(len(number), 9))).encode()


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        output = folder / "output"
        write_output(output)
        async with builder(folder) as bench:
            before = await bench.database_bytes()
            build_id, raw = await _build(bench, folder, output)
            stored = await bench.database_bytes() - before
            saved = folder / "saved.log"
            await bench.core.jobs.run(
                "save",
                lambda progress: bench.workspace.logs.save(
                    bench.actor, build_id=build_id, target=saved, progress=progress
                ),
            )
        masked = saved.read_bytes()
        for secret in SECRETS.values():
            if secret.encode() in masked:
                raise RuntimeError("A secret is in the log.")
        whole = len(zstandard.ZstdCompressor(level=3).compress(masked))
        shutil.rmtree(folder / "home", ignore_errors=True)
    return [
        ratio_at_most(
            "log stored, against raw", stored / 1e6, "MB", reference=raw / 1e6, most=0.15
        ),
        Figure(
            "log stored, against zstd -3 of the whole", stored / 1e6, "MB", whole / 1e6,
            stored / whole, "for information", True,
        ),
    ]  # fmt: skip


async def _build(bench: Builder, folder: Path, output: Path) -> tuple[int, int]:
    """Return the id of the build and how many bytes it printed."""
    secrets: dict[str, str | None] = dict(SECRETS)
    command = f"cat {shlex.quote(str(output))}"
    data = ProjectCreate(name="output", path=str(folder), command=command, secrets=secrets)
    project = await bench.workspace.projects.create(bench.actor, data=data)
    _elapsed, row = await bench.build(project.id)
    return row.id, row.log_bytes
