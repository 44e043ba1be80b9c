"""Claims about `crosslayer.harness.formats.files`."""

import gzip
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosslayer.harness.formats.files import open_for_reading, read_whole, write_atomically
from crosslayer.harness.model.errors import BadInput, OutputLost


def test_chunks_become_one_file(tmp_path: Path) -> None:
    """What is written is there, whole, and nothing else is."""
    write_atomically(tmp_path / "a", [b"one", b"", b"two"])

    assert b"onetwo" == (tmp_path / "a").read_bytes()
    assert [tmp_path / "a"] == list(tmp_path.iterdir())


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    """A file that is there already gives way to the new one."""
    (tmp_path / "a").write_bytes(b"a longer older text")
    write_atomically(tmp_path / "a", [b"new"])

    assert b"new" == (tmp_path / "a").read_bytes()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Writing to a symbolic link writes the file that it points to."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")
    write_atomically(tmp_path / "link", [b"x"])

    assert (tmp_path / "link").is_symlink()
    assert b"x" == (tmp_path / "folder" / "file").read_bytes()


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    """The file can be read by whomever the process's mask lets read."""
    write_atomically(tmp_path / "a", [])
    (tmp_path / "b").touch()

    assert (tmp_path / "b").stat().st_mode == (tmp_path / "a").stat().st_mode


def test_a_failing_source_leaves_the_older_file(tmp_path: Path) -> None:
    """If the chunks end in an exception, it comes through, and the folder is as it was."""

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", chunks())

    assert b"old" == (tmp_path / "a").read_bytes()
    assert [tmp_path / "a"] == list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, the output is lost, which is the fault of no input, and the folder is as it was."""

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputLost, match="a: cannot be written: No space left on device"):
        write_atomically(tmp_path / "a", [b"x"])

    assert [] == list(tmp_path.iterdir())


def test_a_forbidden_folder_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be written to is named, with the reason."""

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", forbidden)
    with pytest.raises(BadInput, match="a: cannot be written: Permission denied"):
        write_atomically(tmp_path / "a", [b"x"])


def test_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    """Nobody creates folders unasked; the reason says which one is missing."""
    with pytest.raises(BadInput, match=f"there is no folder {tmp_path}/none; create it first"):
        write_atomically(tmp_path / "none" / "a", [b"x"])


def test_a_file_as_folder_is_bad_input(tmp_path: Path) -> None:
    """A file cannot hold another."""
    (tmp_path / "a").touch()
    with pytest.raises(BadInput, match="cannot be written: Not a directory"):
        write_atomically(tmp_path / "a" / "b", [b"x"])


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe, a device or a folder that is there already is left alone."""
    os.mkfifo(tmp_path / "pipe")  # stands for /dev/null, which no test may put at risk
    for place in (tmp_path / "pipe", tmp_path):
        with pytest.raises(BadInput, match="cannot be written: it is no file"):
            write_atomically(place, [b"x"])

    assert (tmp_path / "pipe").is_fifo()
    assert [tmp_path / "pipe"] == list(tmp_path.iterdir())


@pytest.mark.parametrize("act", [lambda path: write_atomically(path, []), lambda path: read_whole(path, 9)])
def test_impossible_names_are_bad_input(act: object) -> None:
    """A name that no file can have is refused like any other bad name."""
    assert callable(act)
    for name in ("\0", "x" * 300):
        with pytest.raises(BadInput, match="cannot be"):
            act(Path(name))


def test_a_whole_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    """A file of exactly the bound is read; one byte more is refused."""
    (tmp_path / "a").write_bytes(b"12345")

    assert b"12345" == read_whole(tmp_path / "a", 5)
    with pytest.raises(BadInput, match="is larger than 4 bytes"):
        read_whole(tmp_path / "a", 4)


def test_no_more_than_the_bound_is_read(tmp_path: Path) -> None:
    """A file that is far too large is refused without being read."""
    (tmp_path / "a").touch()
    os.truncate(tmp_path / "a", 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="is larger than 1000 bytes"):
            read_whole(tmp_path / "a", 1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(BadInput, match=f"{tmp_path}/none: cannot be read: there is no such file"):
        read_whole(tmp_path / "none", 9)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder cannot be read."""
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        read_whole(tmp_path, 9)


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    """A file whose name ends in `.gz` is read as what was packed into it, and bounded as such."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"12345"))

    assert b"12345" == read_whole(tmp_path / "a.gz", 5)
    with open_for_reading(tmp_path / "a.gz") as file:
        assert b"123" == file.read(3)


@pytest.mark.parametrize(
    "damage", [lambda data: b"no archive", lambda data: data[:-4], lambda data: data[:12] + b"\xff" * 40]
)
def test_damaged_archives_are_bad_input(tmp_path: Path, damage: object) -> None:
    """An archive that is none, that is cut off, or whose inside is damaged cannot be read."""
    assert callable(damage)
    (tmp_path / "a.gz").write_bytes(damage(gzip.compress(bytes(range(256)))))
    with pytest.raises(BadInput, match=r"a\.gz: cannot be read: "):
        read_whole(tmp_path / "a.gz", 1000)


def test_first_of_several_writers_wins(tmp_path: Path) -> None:
    """With `once`, what is there already stays as it is, and no temporary file is left."""
    for text in (b"first", b"second"):
        write_atomically(tmp_path / "a", [text], once=True)

    assert [(tmp_path / "a", b"first")] == [(path, path.read_bytes()) for path in tmp_path.iterdir()]


def test_once_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that knows no hard links, the file is written all the same."""
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: os.link(tmp_path, tmp_path / "b"))  # which no system allows

    write_atomically(tmp_path / "a", [b"x"], once=True)

    assert [(tmp_path / "a", b"x")] == [(path, path.read_bytes()) for path in tmp_path.iterdir()]
