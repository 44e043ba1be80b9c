"""An adversary in the middle of a connection: what it says again, and what it changes."""

from crosslayer import Duplicate, Run, RunUntil
from crosslayer.harness.systems.finding import find_system
from crosslayer.programs import Rewrite, SayAgain
from crosslayer.testing import Run as Ran
from crosslayer.testing import run

SENT = RunUntil("SendMessage sent")


def shop(*steps: object, stack: str = "shop=forgetful") -> Ran:
    """A run of the print shop, with one customer."""
    system = find_system("a2a_tasks")
    return run(system, (SENT, *steps, Run(64)), stack=stack)  # type: ignore[arg-type]


def told(ran: Ran, kind: str) -> list[object]:
    """The jobs of all facts of a kind."""
    return [one.data["job"] for one in ran.result.events if one.kind == kind]


def test_a_request_that_is_said_again_is_a_request() -> None:
    """The program gets it twice, on two connections; a copy of the segment it gets once."""
    assert ["job-of-client-0"] * 2 == told(shop(SayAgain("SendMessage")), "printed")
    assert ["job-of-client-0"] == told(shop(Duplicate("SendMessage")), "printed")
    assert ["job-of-client-0"] == told(shop(SayAgain("SendMessage"), stack="shop=careful"), "printed")


def test_what_is_answered_to_the_adversary_goes_nowhere() -> None:
    """The host in whose name it spoke hears nothing, and its own conversation goes on."""
    ran = shop(SayAgain("SendMessage"))

    assert "holds" == shop(SayAgain("SendMessage"), stack="shop=careful")["done_once"].outcome
    assert [True] == [one.data["served"] for one in ran.result.events if one.kind == "came_home"]
    assert [] == [one for one in ran.result.events if one.message is not None and one.message.kind == "reset"]


def test_a_field_is_changed_and_lengths_are_put_right() -> None:
    """The program reads another order; no checksum and no length gives the change away."""
    ran = shop(Rewrite("SendMessage", place=1))

    assert ["job-of-client-1"] == told(ran, "printed")
    assert "params.message.messageId of the SendMessage from client-0 to server-0 is changed" == ran.notes[1]


def test_where_there_is_nothing_to_do() -> None:
    """An answer is not said to those who gave it, and what carries no JSON has no field; both say so."""
    system = find_system("a2a_tasks")
    waited = RunUntil("answer to SendMessage sent")
    notes = run(system, (waited, SayAgain("answer to SendMessage"), SayAgain("data"), Rewrite("connect"))).notes

    assert "is an answer: nobody would take it on a new connection" in notes[1]
    assert "no data with anything to say is under way" == notes[2]
    assert "no connect with anything to say is under way" == notes[3]
