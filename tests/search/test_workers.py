"""Processes that look at chunks."""

import os
import signal
from time import sleep

import pytest

from crosslayer.harness.model.errors import ProcessLost
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.workers import WINDOW, together
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import JOINT
from tests.play import scenario

JUDGEMENT = Judgement(scenario(), REFERENCE, JOINT)


def place(_judgement: Judgement, chunk: int) -> tuple[int, int]:
    """The chunk, and the process that looked at it; the first chunk takes longest."""
    sleep(0.2 if chunk == 0 else 0)
    return chunk, os.getpid()


def deaf(judgement: Judgement, _chunk: int) -> bool:
    """Whether this process hears no Ctrl-C, and has the judgement that it was given."""
    same = (judgement.scenario, judgement.stack.names()) == (JUDGEMENT.scenario, REFERENCE.names())
    return same and signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("jobs", [1, 2])
def test_answers_come_in_the_order_of_the_chunks(jobs: int) -> None:
    """However long each takes and in whichever process, the first answer is that of the first chunk."""
    answers = list(together(JUDGEMENT, here(jobs), place)(range(3 * WINDOW)))

    assert list(range(3 * WINDOW)) == [chunk for chunk, _ in answers] == [answer[0] for _, answer in answers]
    assert (jobs == 1) == ({os.getpid()} == {process for _, (_, process) in answers})


def test_workers_hear_no_interrupt() -> None:
    """A worker never hears Ctrl-C, not even while it starts, and the process that made it hears it as before."""
    answers = [answer for _, answer in together(JUDGEMENT, here(2), deaf)(range(4))]

    assert [True] * 4 == answers
    assert not deaf(JUDGEMENT, 0)


def deadly(_judgement: Judgement, chunk: int) -> int:
    """Ends its process at the fourth chunk."""
    if chunk == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return chunk


def test_a_lost_process_is_an_error_with_a_name() -> None:
    """If one of the processes is killed, the caller that waits for its answer is told so."""
    with pytest.raises(ProcessLost, match="killed"):
        list(together(JUDGEMENT, here(2), deadly)(range(9)))
