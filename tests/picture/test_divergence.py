from crosslayer.harness.picture.divergence import divergence
from tests.picture.showing import robbed, stale_write


def test_runs_part_where_the_layer_differs() -> None:
    """The store with and without fencing part at the first stale write, and at nothing before."""
    found = stale_write().divergence

    assert found is not None
    assert found.cause is not None
    assert ("server-0", "tick 31: the store takes the write of worker-0 under token 1") == (
        found.cause.agent,
        found.cause.left.told,
    )
    assert "tick 31: the store refuses worker-0: token 1 is old" == found.cause.right.told
    assert 1 == sum(pair.first for pair in found.pairs)


def test_a_run_is_like_itself() -> None:
    """No agent's history differs, and no layer."""
    one = robbed()
    found = divergence(one.counterexample.system, one.result.events, one.result.events)

    assert found.alike
    assert () == found.layers
    assert {"same"} == {pair.sort for pair in found.pairs}


def test_one_run_that_ends_earlier_differs_by_what_is_missing() -> None:
    """Where one history goes on, the other has nothing of the kind."""
    one = stale_write()
    found = divergence(one.counterexample.system, one.result.events, one.result.events[:40])

    assert found.cause is not None
    assert "nothing of the kind" == found.cause.right.told
