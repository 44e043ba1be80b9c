"""The end-of-run audit: each layer is asked, once everything has settled, whether it keeps its own contract.

Owns the probes that no honest run would make: an outsider's attempt to read, a third party's attempt to close a
stream, a forged card, the same evidence in another order under other names. Each answer is an `audit` fact; the
monitors judge. Runs after the scores, so that nothing it does can change them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from attrs import define, evolve, field

from crosslayer.harness.kernel.composing import cast
from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.guard import Guard, expect
from crosslayer.harness.kernel.journal import Journal
from crosslayer.harness.kernel.layers import answers
from crosslayer.harness.kernel.roster import Clock
from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.handles import (
    PrivacyHandle,
    RegistryHandle,
    Report,
    Sealed,
    TrustHandle,
    ask_score,
    fingerprint,
    make_plugins,
    rounded,
)
from crosslayer.harness.systems.commerce.inquiries import crowd, fresh
from crosslayer.harness.systems.commerce.inquiries import payments as inquiry_into_payments
from crosslayer.harness.systems.commerce.inquiries import privacy as inquiry_into_privacy
from crosslayer.harness.systems.commerce.inquiries import registry as inquiry_into_registry
from crosslayer.harness.systems.commerce.inquiries import trust as inquiry_into_trust
from crosslayer.harness.systems.commerce.inquiries.asking import Desk, Flaw
from crosslayer.harness.systems.commerce.nouns import (
    LAYERS,
    SELLER_ROLES,
    Card,
    Complaint,
    Evidence,
    Population,
    Receipt,
    Score,
    Stream,
    Terms,
    Timing,
    is_corrupt,
)
from crosslayer.harness.systems.commerce.plugins.privacy_hybrid_x25519 import nonces
from crosslayer.harness.systems.commerce.ports import Factory, Member, Payments, Privacy, Roster, Trust

Reports = Sequence[Report]

OFTEN, SELDOM = 24, 256
"""One run in so many is inquired into, and one in so many thoroughly."""

IDLE_STEPS = ("Run", "RunUntil")
"""Steps that only let time pass."""


@define(eq=False)
class Audit:
    """What the audit looks at. `roster` is the one that the trust layer was made from.

    `forgot` are those who have lost their memory so far.
    The trust layer that is asked again sees every stream as it was when it was first asked about.
    """

    population: Population
    timing: Timing
    terms: Terms
    roster: Roster
    guard: Guard
    journal: Journal
    registries: Mapping[str, RegistryHandle]
    payments: Mapping[str, Payments]
    privacies: Mapping[str, PrivacyHandle]
    trust: TrustHandle
    factories: Mapping[str, Factory]
    forgot: Sequence[str]
    _streams: dict[tuple[str, str], Stream | None] = field(factory=dict, init=False)
    _names: dict[str, str] = field(factory=dict, init=False)
    _clock_was_read: bool = field(default=False, init=False)

    def run(self) -> None:
        """Ask every layer."""
        self._names.update((member.did, member.name) for member in self.roster.members)
        length, quiet = len(self.journal.events), self._was_quiet()
        for layer, ask in zip(LAYERS, (self.registry, self.money, self.privacy, self.trusted), strict=True):
            try:
                ask()
            except PluginFault as fault:
                self.note(layer, fault.operation or "make", fault.agent, fault.reason)
        self._keep_the_protocol()
        if quiet or not length % OFTEN:
            self._inquire(thorough=quiet or not length % SELDOM)
        if self.forgot:
            self._ask_again(("privacy", self._reopened()))

    def _inquire(self, *, thorough: bool) -> None:
        """Ask what takes longer; it leaves no mark where nothing is wrong."""
        inquiries = (
            ("registry", self._into_views()),
            ("registry", self._new_registries()),
            ("payments", self._into_money()),
            ("payments", self._new_payments()),
            ("privacy", self._into_envelopes(thorough=thorough)),
            ("privacy", self._new_privacies()),
            ("trust", self._into_scores()),
        )
        self._ask_again(*inquiries, *(self._into_a_crowd() if thorough else ()))

    def _ask_again(self, *inquiries: tuple[str, Iterator[Flaw]]) -> None:
        """Record what comes of inquiries, each into a layer."""
        for layer, flaws in inquiries:
            try:
                for one in flaws:
                    self._flaw(layer, one.check, one.agent, one.detail)
            except PluginFault as fault:
                self._flaw(layer, fault.operation or "make", fault.agent, fault.reason)

    def _reopened(self) -> Iterator[Flaw]:
        """Who has lost its memory still refuses what it has opened before."""
        for name, handle in self.privacies.items():
            for envelope in handle.opened:
                if self._reads(name, handle.plugin, envelope) is not None:
                    yield Flaw("replay", name, "it opened once more what it had opened before")
                    break

    def _was_quiet(self) -> bool:
        """Whether nothing was done to this run: then it is inquired into, so that what needs no step is found so."""
        steps = (event.data for event in self.journal.events if event.kind == "step")
        return not any(data["applied"] and data["step"] not in IDLE_STEPS for data in steps)

    def _flaw(self, layer: str, check: str, agent: str, detail: str) -> None:
        """Record one answer that is not as it should be, and would leave no mark if it were."""
        self.journal.record("flaw", agent, {"layer": layer, "check": check, "detail": detail})

    def _desk(self, layer: str, plugins: Mapping[str, Any]) -> Desk:
        return Desk(layer, plugins.__getitem__, self.guard)

    def note(self, layer: str, check: str, agent: str, wrong: str = "") -> None:
        """Record one answer; `wrong` says what is not as it should be."""
        self.journal.record("audit", agent, {"layer": layer, "check": check, "ok": not wrong, "detail": wrong})

    def refuses(self, layer: str, agent: str, operation: str, plugin: Any, *args: Any) -> bool:
        """Whether a plugin says no."""
        self.guard.beat += 1
        try:
            self.guard.ask(layer, agent, plugin, operation, *args)
        except Refused:
            return True
        return False

    # What is left of a run

    def _new(self, layer: str, roster: Roster) -> Desk:
        """Plugins of a layer, made anew."""
        return self._desk(layer, make_plugins(self.guard, layer, self.factories[layer], roster))

    def _plain(self, clock: Clock) -> Roster:
        return Roster(self.roster.members, self.roster.seed, clock, self.roster.balance)

    def _new_registries(self) -> Iterator[Flaw]:
        yield from fresh.registries(self._new("registry", self._plain(Clock())), self.roster.names())

    def _new_payments(self) -> Iterator[Flaw]:
        desk, streams = self._new("payments", self._plain(Clock())), self.trust.ledger.known()
        yield from fresh.payments(desk, self.roster.names(), self.roster.balance, streams)

    def _new_privacies(self) -> Iterator[Flaw]:
        first: dict[str, Sealed] = {}
        for one in self.privacies[self.trust.name].sealed:
            first.setdefault(one.sender, one)
        clock = _Watched(0)
        desk = self._new("privacy", self._plain(clock))
        yield from fresh.privacies(desk, first, timeless=lambda: not clock.was_read)

    def _into_a_crowd(self) -> Iterator[tuple[str, Iterator[Flaw]]]:
        """What the plugins make of names of which one begins with another, each layer in a world of its own."""
        signers, members = cast(crowd.CROWD, self.roster.seed)
        roster = Roster(members, self.roster.seed, Clock(), crowd.BALANCE)
        yield "registry", self._crowded("registry", roster, partial(crowd.registries, signers=signers))
        yield "payments", self._crowded("payments", roster, crowd.payments)
        yield "privacy", self._crowded("privacy", roster, crowd.privacies)
        imagined = partial(self._imagined_among, roster)
        yield "trust", crowd.scores(inquiry_into_trust.Bench("", "", "", signers, imagined))

    def _crowded(self, layer: str, roster: Roster, ask: Callable[[Desk], Iterator[Flaw]]) -> Iterator[Flaw]:
        yield from ask(self._new(layer, roster))

    def _imagined_among(
        self, roster: Roster, streams: inquiry_into_trust.Streams, evidence: Sequence[Evidence], agent: str
    ) -> Score:
        """As `_imagined`, of the auditor's plugin in a crowd."""
        known, names = dict(streams), {member.did: member.name for member in roster.members}
        roster = evolve(roster, ledger=lambda payer, ref: known.get((payer, ref)))
        plugin = make_plugins(self.guard, "trust", self.factories["trust"], roster)[crowd.AUDITOR]
        for one in evidence:
            about = names[one.issuer if isinstance(one, Receipt) else one.subject]
            self.guard.ask("trust", crowd.AUDITOR, plugin, "report", about, one)
        return ask_score(self.guard, crowd.AUDITOR, plugin, agent)

    # Agents

    def _keep_the_protocol(self) -> None:
        """Honest agents register; honest buyers buy, on the scenario's terms, if they knew an honest seller in time."""
        for name, handle in self.registries.items():
            if handle.own is None and not is_corrupt(name):
                self._flaw("agents", "registering", name, "it never registered a card")
        due = (self.terms.rate, self.terms.cap)
        for buyer in self.population.of("buyer"):
            opened = self.trust.ledger.terms_of(buyer)
            for payee, rate, cap in opened:
                if (rate, cap) != due:
                    told = f"it pays {payee} {rate} a tick up to {cap}; the terms are {due[0]} up to {due[1]}"
                    self._flaw("agents", "terms", buyer, told)
            if not opened and buyer not in self.trust.ledger.refused and self._was_idle(buyer):
                self._flaw("agents", "buying", buyer, "it knew an honest seller in time, and bought from nobody")

    def _was_idle(self, buyer: str) -> bool:
        """Whether a buyer's view showed an honest seller before the deadline, and no layer misled it."""
        sellers, knew = self.population.of("seller"), False
        latest = self.timing.bid_deadline - self.timing.discovery_interval
        for event in self.journal.events:
            if event.kind == "flaw":
                return False
            if event.kind == "view" and event.agent == buyer and event.tick < latest:
                knew = knew or any(event.data["changes"].get(name) for name in sellers)
        return knew

    # Registry

    def registry(self) -> None:
        """All views show the same, and what is pushed to them they take or leave as they should."""
        self._agreement()
        self._pushes()

    def _agreement(self) -> None:
        """Where no gossip was lost or changed, everybody shows the newest card of everybody who is there.

        If there was time for it: as many rounds of gossip as there are agents, so that each can have asked each.
        """
        if self.timing.settlement < self.timing.gossip_interval * len(self.registries):
            return
        due = {name: handle.own for name, handle in self.registries.items() if handle.own and not handle.own.tombstone}
        known = self.registries[self.trust.name].known
        twins = {name: cards for name, cards in known.equivocal().items() if not any(one.tombstone for one in cards)}
        due.update({name: cards[0] for name, cards in twins.items()})
        good: object = None
        for name, handle in self.registries.items():
            found = self.guard.ask("registry", name, handle.plugin, "lookup", "")
            if found is good:
                continue
            shown = {card.publisher: card for card in answers("registry", name, "lookup", found, Card)}
            # A view that has heard one of two twins shows that one; what it shows after both, is asked elsewhere.
            shown.update({who: cards[0] for who, cards in twins.items() if shown.get(who) in cards})
            if shown == due:
                good = found
            elif not self._lost_gossip():
                wrong = ", ".join(who for who in self.registries if shown.get(who) != due.get(who))
                told = f"when all has settled it does not show the newest card of {wrong}, though no gossip was lost"
                self._flaw("registry", "agreement", name, told)

    def _lost_gossip(self) -> bool:
        """Whether any gossip was changed, or did not arrive, for whatever reason."""
        under_way: set[int] = set()
        for event in self.journal.events:
            message = event.message
            if message is None or message.kind != "gossip":
                continue
            if event.kind == "tamper":
                return True
            (under_way.discard if event.kind == "deliver" else under_way.add)(message.id)
        return bool(under_way)

    def _into_views(self) -> Iterator[Flaw]:
        reader, publisher = self.trust.name, self.population.of("buyer")[-1]
        own = self.registries[publisher].own
        if own is None or not self.registries[publisher].announce(own):
            return
        plugins = {name: handle.plugin for name, handle in self.registries.items()}
        views = inquiry_into_registry.Views(
            lambda viewer, of, capability="": self._card(self.registries[viewer], of, capability),
            lambda viewer, card: self._hear(
                self.registries[viewer], card.publisher, self.registries[card.publisher].announce(card)
            ),
            {name: self.roster.signer(name) for name in plugins},
        )
        yield from inquiry_into_registry.flaws(views, reader, self.population.of(*SELLER_ROLES)[-1], publisher)

    def _pushes(self) -> None:
        """A forged card is not believed, a newer one is not undone, a tombstone stays."""
        reader = self.registries[self.trust.name]
        victim = self.population.of(*SELLER_ROLES)[0]
        found = self._card(reader, victim)
        if found is None or not reader.announce(found):
            return
        owner, stranger = self.roster.signer(victim), self.roster.signer(self.trust.name)
        forged = evolve(found, version=found.version + 1, endpoint="forged", signature="")
        forged = forged.signed(stranger.sign(forged.body()))
        self._hear(reader, victim, reader.announce(forged))
        changed = self._card(reader, victim) != found
        self.note("registry", "forgery", reader.name, f"a forged card of {victim} changed its view" if changed else "")
        if changed:
            return
        newer = evolve(found, version=found.version + 1, endpoint="audit", signature="")
        newer = newer.signed(owner.sign(newer.body()))
        self._hear(reader, victim, reader.announce(newer))
        if self._card(reader, victim) != newer:
            self._flaw("registry", "newest", reader.name, f"a newer card of {victim} is not shown, though heard")
            return
        self._hear(reader, victim, reader.announce(found))
        undone = self._card(reader, victim) != newer
        self.note("registry", "newest", reader.name, f"an older card of {victim} undid a newer" if undone else "")
        tomb = evolve(newer, version=newer.version + 1, tombstone=True, signature="")
        self._hear(reader, victim, reader.announce(tomb.signed(owner.sign(tomb.body()))))
        if self._card(reader, victim) is not None:
            self._flaw("registry", "tombstone", reader.name, f"{victim} is shown after its withdrawal was heard")
            return
        self._hear(reader, victim, reader.announce(newer))
        risen = self._card(reader, victim) is not None
        self.note("registry", "tombstone", reader.name, f"an old card undid the tombstone of {victim}" if risen else "")

    def _card(self, reader: RegistryHandle, publisher: str, capability: str = "") -> Card | None:
        found = self.guard.ask("registry", reader.name, reader.plugin, "lookup", capability)
        cards = answers("registry", reader.name, "lookup", found, Card)
        return next((card for card in cards if card.publisher == publisher), None)

    def _hear(self, reader: RegistryHandle, sender: str, payload: bytes) -> None:
        self.refuses("registry", reader.name, "handle_gossip", reader.plugin, sender, payload)

    # Payments

    def money(self) -> None:
        """A stream of the audit's own: metered, closed by its parties only, once, and never opened again."""
        payer, payee = self.population.of("buyer")[0], self.population.of(*SELLER_ROLES)[0]
        ours, theirs, third = (self.payments[name] for name in (payer, payee, self.trust.name))
        ref = "audit"
        total = self._total()
        purse = self._balance(payer)
        if not self.refuses("payments", payer, "open_stream", ours, payee, 1, purse + 1, "audit-overdraft"):
            self.note("payments", "overdraft", payer, "it promised more money than it has")
        if self.refuses("payments", payer, "open_stream", ours, payee, 1, 3, ref):
            return
        if not self.refuses("payments", payer, "open_stream", ours, payee, 1, 3, ref):
            self.note("payments", "reference", payer, "a reference that was in use was opened again")
        ours_before = self._stream(payer, ref)
        if self.refuses("payments", self.trust.name, "open_stream", third, payee, 1, 1, ref):
            self.note("payments", "reference", self.trust.name, f"{payer} keeps others from using its reference")
        elif self._stream(payer, ref) != ours_before:
            self.note("payments", "reference", payer, "its stream changed when another used the same reference")
        self.refuses("payments", self.trust.name, "close_stream", third, payer, ref)
        stream = self._stream(payer, ref)
        closed = stream is None or not stream.open
        self.note("payments", "parties", payer, "a third party closed a stream" if closed else "")
        if self.refuses("payments", payee, "close_stream", theirs, payer, ref):
            self.note("payments", "closing", payee, "the payee may not close")
            return
        once = self._balance(payer)
        self.refuses("payments", payer, "close_stream", ours, payer, ref)
        twice = self._balance(payer)
        self.note("payments", "closing", payer, f"closing again moved {twice - once} credits" if once != twice else "")
        if not self.refuses("payments", payer, "open_stream", ours, payee, 1, 3, ref):
            self.note("payments", "reference", payer, "a closed reference was opened again")
        after = self._total()
        wrong = f"{total} credits became {after}" if after != total else ""
        self.note("payments", "conservation", payer, wrong)

    def _into_money(self) -> Iterator[Flaw]:
        payer, payee = self.population.of("buyer")[0], self.population.of(*SELLER_ROLES)[0]
        if not self.trust.ledger.is_paying(payer, payee):
            till = inquiry_into_payments.Till(self._desk("payments", self.payments), tuple(self.payments))
            yield from inquiry_into_payments.flaws(till, payer, payee, self.trust.name)

    def _balance(self, name: str) -> int:
        return self.trust.ledger.balance(name)

    def _total(self) -> int:
        return sum(self._balance(name) for name in self.payments)

    def _stream(self, payer: str, ref: str) -> Stream | None:
        return self.trust.ledger.stream(payer, ref)

    # Privacy

    def privacy(self) -> None:
        """Outsiders cannot read what was sealed; the audience can, once, and only the very bytes."""
        sealed = self.privacies[self.trust.name].sealed
        for one in sealed:
            for name, handle in self.privacies.items():
                if (
                    name not in one.audience
                    and name != one.sender
                    and self._reads(name, handle.plugin, one.envelope) == one.plaintext
                ):
                    data = {"sender": one.sender, "envelope": fingerprint(one.envelope)}
                    self.journal.record("outsider_read", name, data)
                    self.note("privacy", "outsiders", name, f"it can read what {one.sender} sealed for {one.audience}")
        self._impostors(sealed)
        self._nonces([one.envelope for one in sealed])
        self._secrets([one.envelope for one in sealed])
        sender = self.privacies[self.population.of("buyer")[0]]
        reader = self.privacies[self.population.of(*SELLER_ROLES)[0]]
        plaintext = b'{"audit":"of the privacy layer"}'
        first, second = (self._seals(sender, plaintext, reader.name) for _ in range(2))
        self.note("privacy", "freshness", sender.name, "sealing twice gave the same bytes" if first == second else "")
        for position in range(len(second) // 16, len(second), max(1, len(second) // 16)):
            changed = bytearray(second)
            changed[position] ^= 1
            if self._reads(reader.name, reader.plugin, bytes(changed)) is not None:
                self.note("privacy", "integrity", reader.name, f"it opened an envelope with byte {position} changed")
        unread = self._reads(reader.name, reader.plugin, first) != plaintext
        self.note("privacy", "audience", reader.name, "the audience does not read what was sealed" if unread else "")
        again = self._reads(reader.name, reader.plugin, first) is not None
        self.note("privacy", "replay", reader.name, "it opened the same envelope twice" if again else "")
        if self._reads(reader.name, reader.plugin, second) != plaintext:
            self._flaw(
                "privacy", "audience", reader.name, "after changed copies of it, the true envelope does not open"
            )

    def _into_envelopes(self, *, thorough: bool) -> Iterator[Flaw]:
        sender, reader = self.population.of("buyer")[0], self.population.of(*SELLER_ROLES)[0]
        plugins = {name: handle.plugin for name, handle in self.privacies.items()}
        post = inquiry_into_privacy.Post(self._desk("privacy", plugins))
        roster = inquiry_into_privacy.Impostor(
            self.roster.members, self.roster.seed, self.roster.clock, self.roster.balance, without=sender
        )
        forgers = make_plugins(self.guard, "privacy", self.factories["privacy"], roster)
        forger = inquiry_into_privacy.Post(self._desk("privacy", forgers))
        yield from inquiry_into_privacy.impostures(post, forger, sender, reader)
        yield from inquiry_into_privacy.flaws(post, sender, reader, self.trust.name, thorough=thorough)

    def _seals(self, handle: PrivacyHandle, plaintext: bytes, to: str) -> bytes:
        envelope = self.guard.ask("privacy", handle.name, handle.plugin, "encrypt", plaintext, (to,))
        expect("privacy", handle.name, "encrypt", envelope, bytes)
        return envelope  # type: ignore[no-any-return]

    def _reads(self, name: str, plugin: Privacy, envelope: bytes) -> bytes | None:
        self.guard.beat += 1
        try:
            answer: bytes = self.guard.ask("privacy", name, plugin, "decrypt", envelope)
        except Refused:
            return None
        expect("privacy", name, "decrypt", answer, bytes)
        return answer

    def _impostors(self, sealed: Sequence[Sealed]) -> None:
        """Somebody with a recipient's name and this very code, but without any secret of this run, tries to read."""
        strangers = Roster(self.roster.members, self.roster.seed + 1, self.roster.clock, self.roster.balance)
        made = make_plugins(self.guard, "privacy", self.factories["privacy"], strangers)
        firsts: dict[str, Sealed] = {}
        for one in sealed:
            for name in one.audience:
                firsts.setdefault(name, one)
        for name, one in firsts.items():
            if self._reads(name, made[name], one.envelope) == one.plaintext:
                data = {"sender": one.sender, "envelope": fingerprint(one.envelope)}
                self.journal.record("outsider_read", f"an impostor of {name}", data)
                self.note("privacy", "secrets", name, "its envelopes open without any secret of this run")

    def _nonces(self, envelopes: Sequence[bytes]) -> None:
        used: set[tuple[str, str]] = set()
        for pair in (pair for envelope in dict.fromkeys(envelopes) for pair in nonces(envelope)):
            if pair in used:
                self.note("privacy", "nonces", "", f"nonce {pair[1]} was used twice under one key")
            used.add(pair)

    def _secrets(self, envelopes: Sequence[bytes]) -> None:
        for name, handle in self.privacies.items():
            plugin = handle.plugin
            secrets = self.guard.call("privacy", name, "secrets", partial(getattr, plugin, "secrets", None))
            if secrets is None:
                continue
            named = self.guard.call("privacy", name, "secrets", secrets)
            for secret in answers("privacy", name, "secrets", named, bytes):
                if secret and any(secret in envelope or secret.hex().encode() in envelope for envelope in envelopes):
                    self.note("privacy", "secrets", name, "a secret of its own is on the wire")

    # Trust

    def trusted(self) -> None:
        """Scores come from corroborated evidence and nothing else: not order, repetition, names or forgeries."""
        evidence = tuple(self.trust.evidence)
        scores = {name: _comparable(score) for name, score in self.trust.scores.items()}
        if not scores:
            return
        sound = tuple(item for item in evidence if self._corroborated(item[1]))
        if self._is_evidence_only(sound, scores):
            self.note("trust", "evidence only", self.trust.name)
        else:
            self._diagnose(evidence, sound, scores)
        self._counterfactuals(evidence)

    def _into_scores(self) -> Iterator[Flaw]:
        seller, buyer = self.population.of(*SELLER_ROLES)[0], self.population.of("buyer")[0]
        signers = {name: self.roster.signer(name) for name in self.roster.names()}
        bench = inquiry_into_trust.Bench(seller, buyer, self.trust.name, signers, self._imagined)
        yield from inquiry_into_trust.flaws(bench)

    def _imagined(self, streams: inquiry_into_trust.Streams, evidence: Sequence[Evidence], agent: str) -> Score:
        """What a fresh plugin says of an agent by this evidence and the ledger of these streams."""
        known = dict(streams)
        roster = evolve(self.roster, ledger=lambda payer, ref: known.get((payer, ref)))
        subjects = ((one.issuer if isinstance(one, Receipt) else one.subject, one) for one in evidence)
        now = self.roster.clock.now
        reports = [(self._names.get(did, self.trust.name), one, now) for did, one in subjects]
        plugin = self._replica(reports, roster, {})
        return ask_score(self.guard, self.trust.name, plugin, agent)

    def _is_evidence_only(self, sound: Reports, scores: Mapping[str, Any]) -> bool:
        """Whether the same scores come of sound evidence alone, backwards and twice, asked for early, under new names.

        To a plugin that reads the clock when it hears evidence, it is told in the order of time.
        """
        if self._others((*sound[::-1], *sound[::-1]), renamed=True, early=True) == scores:
            return True
        in_time = _in_time(sound)
        return self._clock_was_read and self._others((*in_time, *in_time), renamed=True, early=True) == scores

    def _diagnose(self, evidence: Reports, sound: Reports, scores: Mapping[str, Any]) -> None:
        backwards = _in_time(evidence) if self._clock_was_read else evidence[::-1]
        twice = [one for one in evidence for _ in range(2)]
        checks: tuple[tuple[str, str, Reports, bool], ...] = (
            ("repeatable", "the same evidence gives other scores", evidence, False),
            ("order", "the order of the evidence matters", backwards, False),
            ("repetition", "evidence counts twice when it comes twice", twice, False),
            ("names", "the agents' names matter", evidence, True),
            ("forgery", "forged or uncorroborated evidence counts", sound, False),
        )
        for check, wrong, reports, renamed in checks:
            differing = self._differing(self._others(reports, renamed=renamed), scores)
            self.note("trust", check, self.trust.name, f"{wrong} ({differing})" if differing else "")
        differing = self._differing(self._others(evidence, renamed=False, early=True), scores)
        if differing:
            wrong = f"a score that was asked for early changes later ones ({differing})"
            self._flaw("trust", "early", self.trust.name, wrong)

    def _differing(self, others: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
        return ", ".join(name for name in scores if others.get(name) != scores[name])

    def _counterfactuals(self, evidence: Reports) -> None:
        for seller in self.population.of("seller"):
            did = self.roster.signer(seller).did
            own = [item for item in evidence if isinstance(item[1], Receipt) and item[1].issuer == did]
            honest = [item for item in own if isinstance(item[1], Receipt) and self._paid_for(seller, item[1])]
            if not honest or seller not in self.trust.scores:
                continue
            without = self._score(seller, [item for item in evidence if item not in own])
            data = {"about": seller, "score": rounded(without.value), "confidence": rounded(without.confidence)}
            self.journal.record("counterfactual", self.trust.name, data)
            fewer = self._score(seller, [item for item in evidence if item != honest[-1]])
            lowered = (
                fewer.confidence > 0
                and rounded(fewer.value) != "nan"
                and (fewer.value > self.trust.scores[seller].value + 1e-9)
            )
            wrong = f"an honest receipt lowered {seller}" if lowered else ""
            self.note("trust", "honest receipts", self.trust.name, wrong)

    def _paid_for(self, seller: str, receipt: Receipt) -> bool:
        payer = self._names.get(receipt.counterparty, "")
        if payer not in self.population.of("buyer") or not self._corroborated(receipt):
            return False
        stream = self._settled(payer, receipt.ref)
        return stream is not None and stream.payee == seller and stream.moved > 0

    def _settled(self, payer: str, ref: str) -> Stream | None:
        """A stream as it stands, now that all is settled; asked for once."""
        key = (payer, ref)
        if key not in self._streams:
            self._streams[key] = self._stream(payer, ref)
        return self._streams[key]

    def _score(self, agent: str, evidence: Reports) -> Score:
        plugin = self._replica(evidence, self._aliased({}), {})
        return ask_score(self.guard, self.trust.name, plugin, agent)

    def _others(self, evidence: Reports, *, renamed: bool, early: bool = False) -> dict[str, Any]:
        """What a fresh plugin says of everybody, given this evidence, under the agents' names or under others.

        `early` asks, when half of the evidence was heard, what the last piece will be about.
        """
        names = self.roster.names()
        aliases = {name: f"agent-{len(names) - index:02}" for index, name in enumerate(names)} if renamed else {}
        try:
            half = len(evidence) // (4 if renamed else 2) if early else -1
            plugin = self._replica(evidence, self._aliased(aliases), aliases, half)
            return {
                name: _comparable(ask_score(self.guard, self.trust.name, plugin, aliases.get(name, name)))
                for name in self.trust.scores
            }
        except (PluginFault, Refused):
            return {}

    def _aliased(self, aliases: Mapping[str, str]) -> Roster:
        if not aliases:
            return evolve(self.roster, ledger=self._settled)
        names = {alias: name for name, alias in aliases.items()}
        known: dict[tuple[str, str], Stream | None] = {}

        def renamed(payer: str, ref: str) -> Stream | None:
            key = (payer, ref)
            if key not in known:
                stream = self._settled(names.get(payer, payer), ref)
                known[key] = stream and evolve(stream, payer=aliases[stream.payer], payee=aliases[stream.payee])
            return known[key]

        members = tuple(Member(aliases[member.name], member.did) for member in self.roster.members)
        return evolve(self.roster, members=members, ledger=renamed)

    def _replica(self, evidence: Reports, roster: Roster, aliases: Mapping[str, str], ask_at: int = -1) -> Trust:
        """A fresh plugin that has heard this evidence, each piece at its tick; one score is asked for at `ask_at`."""
        self.guard.beat += 1
        owner = aliases.get(self.trust.name, self.trust.name)
        clock = _Watched(self.roster.clock.now)
        roster = evolve(roster, clock=clock)
        plugin: Trust = make_plugins(self.guard, "trust", self.factories["trust"], roster)[owner]
        clock.was_read = False
        for number, (agent, item, tick) in enumerate(evidence):
            clock.tick = tick
            if number == ask_at:
                about = evidence[-1][0]
                ask_score(self.guard, owner, plugin, aliases.get(about, about))
            self.guard.ask("trust", owner, plugin, "report", aliases.get(agent, agent), item)
        self._clock_was_read = self._clock_was_read or clock.was_read
        clock.tick = self.roster.clock.now
        return plugin

    def _corroborated(self, evidence: Evidence) -> bool:
        """The harness's own opinion: both signatures hold, and a complaint is backed by money that moved."""
        names = self._names
        if isinstance(evidence, Receipt):
            return (
                evidence.issuer in names
                and evidence.counterparty in names
                and evidence.issuer != evidence.counterparty
                and verify(evidence.issuer, evidence.body(), evidence.signature)
                and verify(evidence.counterparty, evidence.cosigned_body(), evidence.cosignature)
            )
        return self._backed(evidence)

    def _backed(self, complaint: Complaint) -> bool:
        names = self._names
        if complaint.complainant not in names or complaint.subject not in names:
            return False
        if not verify(complaint.complainant, complaint.body(), complaint.signature):
            return False
        stream = self._settled(names[complaint.complainant], complaint.ref)
        return stream is not None and stream.payee == names[complaint.subject] and stream.moved > 0


class _Watched(Clock):
    """A clock that knows whether it was read."""

    def __init__(self, tick: int) -> None:
        self.tick = tick
        self.was_read = False

    @property
    def now(self) -> int:  # type: ignore[override]
        """The present tick."""
        self.was_read = True
        return self.tick


def _in_time(reports: Reports) -> Reports:
    """The reports in the order of their ticks, those of one tick backwards."""
    return sorted(reports, key=itemgetter(2), reverse=True)[::-1]


def _comparable(score: Score) -> tuple[float | str, float | str]:
    return rounded(score.value), rounded(score.confidence)
