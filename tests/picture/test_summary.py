import json
from xml.etree import ElementTree as ET

from crosslayer.harness.picture.summary import Line, Summary, annotations, junit, markdown, sarif

HOSTILE = "a|b <b> @all %0A::error::x\n\x1b[2J"


def summary(count: int, **changes: object) -> Summary:
    """This number of broken promises."""
    given = {"detail": "broken", "outcome": "violated", "red": True, **changes}
    return Summary("hunt", "some broke", tuple(Line(name=f"p{n}", **given) for n in range(count)))  # type: ignore[arg-type]


def test_ten_annotations_at_the_most() -> None:
    """Of thirty there are nine, and one that counts the rest; of ten, ten."""
    thirty = annotations(summary(30))

    assert 10 == len(annotations(summary(10))) == len(thirty)
    assert thirty[-1].endswith("21 more; see the job summary")


def test_an_annotation_stands_at_the_plugin() -> None:
    """File and line are there if they are known, and no text can begin a command of its own."""
    (line,) = annotations(summary(1, file="a,b.py", line=3, detail=HOSTILE))

    assert line.startswith("::error file=a%2Cb.py,line=3,title=")
    assert "\n" not in line
    assert "%250A" in line


def test_a_job_summary_keeps_its_bound() -> None:
    """Whatever there is to say, it fits, and what was left out is counted."""
    text = markdown(summary(5000, detail="x" * 200), bound=100_000)

    assert len(text.encode()) <= 100_000
    assert "more rows" in text


def test_a_summary_says_nothing_to_markdown() -> None:
    """A cell cannot end, markup is none, and nobody is mentioned."""
    text = markdown(summary(1, detail=HOSTILE))

    assert "a\\|b &lt;b&gt; \\@all" in text
    assert "\x1b" not in text


def test_junit_has_what_a_person_needs_to_go_on() -> None:
    """Seed, blame and the command are properties of the case, and the text is XML whatever it says."""
    root = ET.fromstring(junit(summary(1, detail=HOSTILE, seed="7", blame="b", command="crosslayer replay x")))  # noqa: S314

    found = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert {"seed": "7", "blame": "b", "replay": "crosslayer replay x"} == found
    assert "1" == root.find("testsuite").get("failures")  # type: ignore[union-attr]


def test_sarif_names_each_rule_once() -> None:
    """A result for each broken promise, at the plugin's line."""
    (run,) = json.loads(sarif(summary(2, file="p.py", line=4)))["runs"]

    assert ["p0", "p1"] == [one["ruleId"] for one in run["results"]]
    assert 4 == run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"]
