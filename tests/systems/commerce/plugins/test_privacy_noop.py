"""The layer that keeps no secret keeps none, and does nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.systems.commerce.plugins.privacy_noop import make
from crosslayer.harness.systems.commerce.ports import Member, Roster

ROSTER = Roster(tuple(Member(name, Signer.from_seed(0, name).did) for name in ("buyer-0", "seller-0")), seed=0)


@given(st.binary())
def test_data_passes_unchanged_both_ways(data: bytes) -> None:
    """Sealing and opening return what they were given, for anybody, as often as asked."""
    handles = make(ROSTER)

    assert handles["buyer-0"].encrypt(data, ["seller-0"]) == data
    assert [handles["buyer-0"].decrypt(data) for _ in range(2)] == [data, data]


def test_every_member_has_a_handle_of_its_own() -> None:
    """The factory answers for each member and shares nothing."""
    handles = make(ROSTER)

    assert set(handles) == {"buyer-0", "seller-0"}
    assert handles["buyer-0"] is not handles["seller-0"]
