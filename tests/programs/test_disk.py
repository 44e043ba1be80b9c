"""What a program wrote, and what is left of it after a crash that loses memory."""

import asyncio
import os
import sqlite3
from pathlib import Path

from crosslayer import Crash, Forget, Restart, RunUntil
from crosslayer.programs import AsyncioAgent, Host
from tests.programs.hosting import ran, said


async def writing(host: Host) -> None:
    """Write one file and sync it, write another and do not; in a database, commit one row and begin another."""
    with (host.folder / "synced").open("a") as file:
        file.write("x")
        file.flush()
        os.fsync(file.fileno())
    (host.folder / "unsynced").write_text("x")
    database = sqlite3.connect(host.folder / "rows.db", isolation_level=None)
    database.execute("CREATE TABLE IF NOT EXISTS rows (number INTEGER)")
    database.execute("INSERT INTO rows VALUES (1)")
    database.execute("BEGIN")
    database.execute("INSERT INTO rows VALUES (2)")
    found = sorted(path.name for path in host.folder.iterdir() if not path.name.endswith("-journal"))
    rows = database.execute("SELECT count(*) FROM rows").fetchone()[0]
    host.record("said", what=[(host.folder / "synced").read_text(), found, rows])
    try:
        await asyncio.sleep(1_000)
    finally:
        database.close()


def test_what_was_synced_survives() -> None:
    """After the crash, the new life finds the synced bytes and the committed rows, and nothing else."""
    first, second = (what for _, _, what in said([RunUntil("said"), Forget(0), Restart(0)], one=writing))

    assert ["x", ["rows.db", "synced", "unsynced"], 2] == first
    assert [
        "xx",
        ["rows.db", "synced", "unsynced"],
        3,
    ] == second  # what is there now was all written anew, but for these


async def looking(host: Host) -> None:
    """Tell what there is, then write without syncing."""
    host.record("said", what=sorted(path.name for path in host.folder.iterdir()))
    (host.folder / "unsynced").write_text("x")
    await asyncio.sleep(1_000)


def test_what_was_not_synced_is_lost() -> None:
    """A file that nobody synced is not there after the crash; after a mere pause nothing is lost."""
    assert [[], []] == [what for _, _, what in said([RunUntil("said"), Forget(0), Restart(0)], one=looking)]
    assert [[]] == [what for _, _, what in said([RunUntil("said"), Crash(0), Restart(0)], one=looking)]


def test_a_life_after_a_crash_draws_anew() -> None:
    """The second life of a program does not draw what the first one drew."""

    async def drawing(host: Host) -> None:
        host.record("said", what=os.urandom(8).hex())
        await asyncio.sleep(1_000)

    first, second = (what for _, _, what in said([Forget(0), Restart(0)], one=drawing))

    assert first != second


def test_no_folder_is_left() -> None:
    """When a run is over, its folders are gone, those of earlier lives included."""
    folders: list[Path] = []

    async def main(host: Host) -> None:
        folders.append(host.folder)
        (host.folder / "file").write_text("x")
        await asyncio.sleep(1_000)

    ran([Forget(0), Restart(0)], one=AsyncioAgent(main))

    assert 2 == len(set(folders))
    assert [False, False] == [folder.exists() for folder in folders]
