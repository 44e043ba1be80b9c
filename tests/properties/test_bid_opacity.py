"""What counts as a leak of a bid, and what does not."""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode

import pytest

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.bid_opacity import PROPERTY
from tests.properties.story import BID, HAPPY, NOTHING, PLAINTEXT, Story, fact, wire

SECRET = PLAINTEXT.encode()
FIELD = b'"amount":150'
CLEAN = json.dumps({"v": 150, "key": hashlib.sha256(b"k").hexdigest(), "box": b64encode(bytes(range(256))).decode()})


def _carrying(payload: bytes) -> Story:
    """The happy path, but the bid message looks like this."""
    message = BID._replace(payload=payload)
    return HAPPY.changed("send", id=2, to={"message": message}).changed("deliver", id=2, to={"message": message})


def test_ciphertext_holds() -> None:
    """A bid message of ciphertext shows nothing."""
    verdict = HAPPY.judged(PROPERTY)

    assert verdict.outcome is Outcome.HOLDS
    assert verdict.detail == "1 distinct bid message(s) show nothing of any bid"


LEAKS = {
    "plaintext": SECRET,
    "inside": b"\x00\x01" + SECRET + b"\x02",
    "field": b"junk" + FIELD + b"junk",
    "spaced field": b'{"amount": 150}',
    "text field": b'{"amount":"150"}',
    "bare field": b"bidamount:150;x",
    "hex": SECRET.hex().encode(),
    "hex of field": b"0f" + FIELD.hex().encode(),
    "upper hex of field": b"0F" + FIELD.hex().upper().encode(),
    "base64": b64encode(SECRET),
    "base64 after one byte": b64encode(b"x" + FIELD + b"yz"),
    "base64 after two bytes": b64encode(b"xx" + FIELD + b"yz"),
    "base64 after three bytes": b64encode(b"xxx" + FIELD + b"yz"),
    "json-escaped": json.dumps({"inner": PLAINTEXT}).encode(),
    "json-escaped field": rb"..\"amount\":150..",
    "utf-16-le": b"x" + FIELD.decode().encode("utf-16-le"),
    "utf-16-be": FIELD.decode().encode("utf-16-be"),
    "json number": b'{"v":1,"price":150}',
    "json float": b'{"v":1,"price":150.0}',
    "json text": b'{"price":"150"}',
    "json in a list": b'[[{"a":[7,150]}]]',
    "json hex": json.dumps({"p": b"150".hex()}).encode(),
    "json base64": json.dumps({"p": b64encode(b"150").decode()}).encode(),
}


@pytest.mark.parametrize("payload", LEAKS.values(), ids=LEAKS.keys())
def test_every_common_encoding_of_a_bid_is_a_leak(payload: bytes) -> None:
    """A bid message that holds plaintext or amount, however encoded, breaks the promise when it is sent."""
    story = _carrying(payload)

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert story.broken_at(PROPERTY) == story.seq("send", id=2)
    assert verdict.evidence[0] in (story.seq("sealed"), story.seq("bid_placed"))
    assert verdict.evidence[1] == story.seq("send", id=2)


def test_url_safe_base64_is_a_leak() -> None:
    """A plaintext whose base64 needs the two special characters is found in the URL-safe form, too."""
    plaintext = "???>>>~~~ 12345678"
    story = _carrying(urlsafe_b64encode(b"ab" + plaintext.encode())).changed("sealed", to={"plaintext": plaintext})

    verdict = story.judged(PROPERTY)

    assert urlsafe_b64encode(plaintext.encode()) != b64encode(plaintext.encode())
    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail.endswith("shows what buyer-0 sealed at tick 1000, in URL-safe base64")


def test_a_plaintext_that_is_not_ascii_is_found_escaped() -> None:
    """JSON writes other alphabets with escapes; that hides nothing."""
    plaintext = "für hundertfünfzig"
    story = _carrying(json.dumps([plaintext]).encode()).changed("sealed", to={"plaintext": plaintext})

    assert story.judged(PROPERTY).detail.endswith("escaped in JSON")


CLEAN_ONES = {
    "ciphertext with version 150": CLEAN.encode(),
    "bare digits": b"\xff150 150 150",
    "digits inside a text": b'{"box":"aa150bb"}',
    "another amount": b'{"price":151}',
    "an epoch": b'{"epoch":150,"version":"150"}',
    "a true": b"[true]",
    "deep nesting": b"[" * 100_000,
    "not UTF-8": b'\xff{"ref":["',
    "empty": b"",
}


@pytest.mark.parametrize("payload", CLEAN_ONES.values(), ids=CLEAN_ONES.keys())
def test_chance_matches_are_no_leaks(payload: bytes) -> None:
    """Digits by chance, versions and malformed payloads break nothing."""
    assert _carrying(payload).judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_small_amount_is_no_leak_by_itself() -> None:
    """A JSON number that could be any counter is not taken for the amount, but the amount field is."""
    small = HAPPY.changed("bid_placed", to={"amount": 3}).changed("sealed", to={"plaintext": "something else"})
    counter = small.changed("send", id=2, to={"message": BID._replace(payload=b'{"n":3}')})
    named = small.changed("send", id=2, to={"message": BID._replace(payload=b'{"amount":3}')})

    assert counter.judged(PROPERTY).outcome is Outcome.HOLDS
    assert named.judged(PROPERTY).outcome is Outcome.VIOLATED


@pytest.mark.parametrize(("amount", "outcome"), [(99, Outcome.HOLDS), (100, Outcome.VIOLATED)])
def test_from_three_digits_on_an_amount_speaks_for_itself(amount: int, outcome: Outcome) -> None:
    """The bare amount is a leak from `BARE_AMOUNT_MIN` on."""
    story = _carrying(f'{{"n":{amount}}}'.encode()).changed("bid_placed", to={"amount": amount})

    assert story.judged(PROPERTY).outcome is outcome


@pytest.mark.parametrize(("plaintext", "outcome"), [("secret7", Outcome.HOLDS), ("secret-8", Outcome.VIOLATED)])
def test_texts_of_eight_bytes_are_searched_for(plaintext: str, outcome: Outcome) -> None:
    """Shorter ones would be found in ciphertext by chance."""
    story = _carrying(plaintext.encode()).changed("sealed", to={"plaintext": plaintext})

    assert story.judged(PROPERTY).outcome is outcome


@pytest.mark.parametrize("kind", ["copy", "tamper", "drop"])
def test_every_stage_of_a_message_is_searched(kind: str) -> None:
    """A leak counts wherever it appears: copied, changed on the way or lost."""
    leaky = wire(1000, kind, BID._replace(payload=SECRET))
    story = HAPPY.before("deliver", leaky, id=2)

    assert story.broken_at(PROPERTY) == story.seq(kind)


def test_other_messages_may_say_what_they_like() -> None:
    """Only bid messages must be opaque: goods and receipts name their reference openly."""
    goods = HAPPY.changed("send", id=3, to={"message": BID._replace(id=3, kind="goods", payload=SECRET)})

    assert goods.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_bid_of_another_buyer_is_a_secret_too() -> None:
    """A message that shows somebody else's bid leaks as well."""
    other = '{"amount":77,"buyer":"shill-0","ref":"r"}'
    sealed = fact(900, "sealed", "shill-0", audience=["seller-0"], plaintext=other, envelope="e0")
    story = _carrying(other.encode()).before("discovered", sealed)

    assert "shows what shill-0 sealed at tick 900, in clear" in story.judged(PROPERTY).detail


def test_an_outsider_that_can_decrypt_violates() -> None:
    """Nobody outside the audience can open an envelope."""
    read = fact(16000, "outsider_read", "shill-0", sender="buyer-0", envelope="e1")
    story = HAPPY.before("end", read)

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail == "shill-0, for whom a bid of buyer-0 was not meant, could decrypt it"
    assert verdict.evidence == (story.seq("outsider_read"),)


def test_without_a_bid_on_the_wire_it_is_vacuous() -> None:
    """A bid that was never sent exercises nothing."""
    unsent = HAPPY.without("send", id=2).without("deliver", id=2)

    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert unsent.judged(PROPERTY).detail == "no sealed bid went over the wire"


def test_junk_before_any_bid_is_vacuous() -> None:
    """A malformed bid message while nobody has bid betrays nothing and proves nothing."""
    story = Story((wire(5, "send", BID),))

    assert story.judged(PROPERTY).outcome is Outcome.VACUOUS
