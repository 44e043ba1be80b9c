from pathlib import Path

from tests.installed.building import ROOT, Environment, archive_of, hashes_in_wheel, unpacked, wheel_of

FOLDERS = ("harness", "properties", "strategies", "scenarios")
"""What the wheel has below `crosslayer`, by the names of the folders of the checkout."""


def test_wheel_has_one_name_at_the_top(tmp_path: Path) -> None:
    """Beside its own metadata, the wheel puts `crosslayer` and nothing else where all packages stand."""
    names = {name.partition("/")[0] for name in hashes_in_wheel(wheel_of(ROOT, tmp_path))}

    assert {"crosslayer", "crosslayer-0.1.0.dist-info"} == names


def test_wheel_has_every_file_of_the_folders(tmp_path: Path) -> None:
    """Each file of the four folders is in the wheel, below `crosslayer`, and so is the mark of a typed package."""
    files = [
        file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.suffix in (".py", ".yaml", ".json")
    ]
    expected = {f"crosslayer/{file.relative_to(ROOT)}" for file in files}

    assert {*expected, "crosslayer/py.typed"} <= hashes_in_wheel(wheel_of(ROOT, tmp_path)).keys()


def test_source_archive_builds_the_same_wheel(tmp_path: Path) -> None:
    """The wheel from the source archive is that from the checkout, file by file and byte by byte."""
    tree = unpacked(archive_of(ROOT, tmp_path / "archive"), tmp_path / "tree")

    assert hashes_in_wheel(wheel_of(ROOT, tmp_path / "a")) == hashes_in_wheel(wheel_of(tree, tmp_path / "b"))


def test_installation_has_one_name_at_the_top(installed: Environment, tmp_path: Path) -> None:
    """What Python itself says of the installation: one package at the top, and none of the bare names."""
    program = (
        "from importlib.metadata import files; from importlib.util import find_spec; "
        "print(*sorted({one.parts[0] for one in files('crosslayer') if one.parts[0] != '..'}), "
        f"*[name for name in {FOLDERS!r} if find_spec(name)])"
    )

    done = installed.run(tmp_path, "python", "-c", program)

    assert ("crosslayer crosslayer-0.1.0.dist-info\n", "") == (done.stdout, done.stderr)
