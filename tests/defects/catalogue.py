"""All planted defects, each with the one property that must catch it and the shortest known way to make it do so.

Owns the table. `caught_by` is a joint invariant wherever a joint promise can break; else the part's own contract
(named as the part), or `plugin_fault` where the run itself ends. A defect's path works on the command line from the
root: `--stack trust=tests.defects.trust:counts_twice`.
"""

from attrs import frozen

from crosslayer.harness.model.steps import (
    Crash,
    Cut,
    Deliver,
    Duplicate,
    Forget,
    Partition,
    Restart,
    RunUntil,
    Schedule,
    Step,
    Tamper,
)
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import (
    BidUnpaid,
    Buy,
    DeliverLate,
    ForgeCard,
    ForgeReceipt,
    FulfilUnpaid,
    GhostReceipt,
    Inject,
    ReplayCard,
    SquatReceipt,
    SquatReference,
    WashTrade,
    Withhold,
)

DISCOVERY = "commerce_discovery_precedes_bid"
OPACITY = "commerce_bid_opacity"
UNDELIVERED = "commerce_undelivered_penalized"
REWARDED = "commerce_delivery_rewarded"
COMPLETES = "commerce_trade_completes"
PLUGIN_FAULT = "plugin_fault"


@frozen
class Defect:
    """A known-bad plugin. Its witness is a population and a schedule under which `caught_by` is violated.

    `also` are the other joint promises that cannot but break with it: goods that go astray are a trade that stops.
    """

    name: str
    part: str
    path: str
    caught_by: str
    about: str
    witness: tuple[Population, Schedule]
    also: tuple[str, ...] = ()


def _defect(
    part: str,
    name: str,
    caught_by: str,
    about: str,
    population: Population,
    *schedule: Step,
    module: str = "",
    also: tuple[str, ...] = (),
) -> Defect:
    path = f"{module}:make" if module else f"tests.defects.{part}:{name}"
    return Defect(name, part, path, caught_by, about, (population, schedule), also)


PAIR = Population(buyer=1, seller=1)
SHILL = Population(buyer=1, seller=1, shill=1)
GUILD = Population(buyer=1, seller=2)
GUILD_AND_SHILL = Population(buyer=1, seller=2, shill=1)
GUILD_AND_RING = Population(buyer=1, seller=2, shill=3)
FIVE = Population(buyer=1, seller=1, shill_seller=1, shill=1)
ROBBER = Population(buyer=1, seller=0, shill_seller=1)
ROBBER_AND_SHILL = Population(buyer=1, seller=0, shill_seller=1, shill=1)
TWO_BUYERS = Population(buyer=2, seller=0, shill_seller=1)
THREE_BUYERS = Population(buyer=3, seller=1)

# Where nothing else helps, `RunUntil` names something that never comes: the run goes on to its finalising tick.

REGISTRY = (
    _defect(
        "registry",
        "shares_one_map",
        DISCOVERY,
        "every look-up merges the views of all agents",
        PAIR,
        Partition((0, 1)),
        RunUntil("bid sent"),
    ),
    _defect(
        "registry",
        "shares_on_gossip",
        DISCOVERY,
        "any gossip brings the cards of all agents",
        PAIR,
        Partition((0, 1)),
        RunUntil("bid sent"),
    ),
    _defect(
        "registry",
        "knows_beforehand",
        DISCOVERY,
        "views are born with the sellers in them",
        PAIR,
        Partition((0, 1)),
        RunUntil("bid sent"),
    ),
    _defect(
        "registry",
        "believes_forged_cards",
        DISCOVERY,
        "a card need not be signed by its publisher",
        SHILL,
        Partition((0, 1, 0, 0)),
        ForgeCard(0, 0),
        RunUntil("bid sent"),
    ),
    _defect(
        "registry", "resurrects_tombstone", "registry", "a tombstone is forgotten, and the old card comes back", PAIR
    ),
    _defect("registry", "merges_by_arrival", "registry", "the card that came last wins, however old", PAIR),
    _defect(
        "registry",
        "shares_version_counter",
        "registry",
        "versions are counted in one place for all",
        ROBBER,
        RunUntil("seller discovered"),
        ReplayCard(),
    ),
    _defect(
        "registry",
        "forgets_who_sent_junk",
        "registry",
        "a malformed message costs its sender its card",
        PAIR,
    ),
    _defect("registry", "forgets_beyond_four", "registry", "a view has room for four cards", FIVE),
    _defect(
        "registry", "shows_withdrawn", "registry", "a tombstone is handed out as a live card", ROBBER, ReplayCard()
    ),
    _defect("registry", "stamps_cards", "registry", "cards are handed out changed", PAIR),
    _defect(
        "registry",
        "drops_strange_withdrawals",
        "registry",
        "a withdrawal of somebody unknown is dropped",
        ROBBER,
        ReplayCard(),
    ),
    _defect(
        "registry", "keeps_the_first_of_a_version", "registry", "of two cards of one version the first stays", PAIR
    ),
    _defect("registry", "compares_versions_as_text", "registry", "version 10 comes before version 9", PAIR),
    _defect("registry", "remembers_forged_versions", "registry", "a forged card hides the true ones that follow", PAIR),
    _defect("registry", "finds_by_prefix", "registry", "a look-up finds whose first capability begins so", PAIR),
    _defect("registry", "tells_only_a_few", "registry", "gossip ends before everybody was asked", GUILD_AND_RING),
    _defect(
        "registry",
        "forgets_its_view",
        "registry",
        "a view is kept in memory alone",
        PAIR,
        RunUntil("seller discovered"),
        Forget(),
        Restart(),
    ),
)

PAYMENTS = (
    _defect("payments", "bills_after_close", "payments", "a closed stream goes on moving", PAIR),
    _defect("payments", "exceeds_cap", "payments", "the last tick goes past the cap", ROBBER, Withhold()),
    _defect(
        "payments",
        "starts_one_tick_late",
        REWARDED,
        "the tick of the opening is not paid",
        PAIR,
        RunUntil("bid sent"),
        Deliver("bid"),
    ),
    _defect("payments", "pays_in_lumps", REWARDED, "money moves every tenth tick only", PAIR),
    _defect("payments", "never_metered", "payments", "a stream pays for its first tick only", PAIR),
    _defect("payments", "refunds_in_full", REWARDED, "closing gives everything back", ROBBER, DeliverLate()),
    _defect("payments", "reopens_closed_reference", "payments", "a closed reference may be used again", PAIR),
    _defect("payments", "lets_a_third_party_close", "payments", "anybody may close any stream", PAIR),
    _defect("payments", "refunds_again_and_again", "payments", "each further closing mints the rest of the cap", PAIR),
    _defect("payments", "pays_the_wrong_payee", "payments", "the money goes to the payee's neighbour", PAIR),
    _defect(
        "payments",
        "pays_the_first_payee",
        "payments",
        "all streams of a payer pay its first payee",
        GUILD_AND_SHILL,
        Buy(0, 0),
        Buy(0, 1),
    ),
    _defect(
        "payments", "credits_before_debit", "payments", "the payee has a tick's money before the payer lost it", PAIR
    ),
    _defect(
        "payments",
        "keys_by_reference_alone",
        "payments",
        "anyone who uses a reference first, keeps all others from it",
        PAIR,
    ),
    _defect("payments", "lends_money", "payments", "a payer may promise twice what it has", PAIR),
    _defect("payments", "shows_streams_to_parties_only", REWARDED, "nobody else can see that money moved", PAIR),
    _defect("payments", "shows_rate_as_cap", "payments", "a stream shows other terms than those of its opening", PAIR),
    _defect(
        "payments", "never_frees_what_it_reserved", "payments", "what was reserved stays so after the closing", PAIR
    ),
    _defect("payments", "reserves_for_the_last_only", "payments", "several streams promise more than there is", PAIR),
    _defect("payments", "uses_up_refused_references", "payments", "a refused opening uses up its reference", PAIR),
    _defect("payments", "pays_backwards", "payments", "a negative rate takes from the payee", PAIR),
    _defect("payments", "folds_references", "payments", "references that differ in case are one", PAIR),
    _defect("payments", "tells_the_payee_more", "payments", "to its payee a stream seems paid to the cap", PAIR),
)

PRIVACY = (
    _defect(
        "privacy", "reuses_nonce", "privacy", "one key and nonce for all envelopes to an audience", SHILL, Buy(), Buy()
    ),
    _defect("privacy", "leaves_amount_in_associated_data", OPACITY, "the message id tells the amount", PAIR),
    _defect("privacy", "wraps_to_everybody", OPACITY, "every member is in every audience", PAIR),
    _defect("privacy", "keeps_keys_in_escrow", OPACITY, "every plugin opens with each agent's key", PAIR),
    _defect("privacy", "accepts_a_replay", "privacy", "an envelope opens as often as it comes", PAIR),
    _defect("privacy", "encodes_in_base64", OPACITY, "an encoding is taken for encryption", PAIR),
    _defect("privacy", "has_one_key_for_all", OPACITY, "one private key, in the source code", PAIR),
    _defect("privacy", "derives_keys_from_names", OPACITY, "a private key is the hash of a name", PAIR),
    _defect("privacy", "has_no_integrity", "privacy", "a bare key stream, so a flipped bit opens", PAIR),
    _defect("privacy", "seals_the_same_alike", "privacy", "the same plaintext gives the same bytes", PAIR),
    _defect("privacy", "carries_plaintext_in_utf16", OPACITY, "the plaintext travels beside its envelope", PAIR),
    _defect("privacy", "leaks_private_key", "privacy", "the sender's private key is in the message id", PAIR),
    _defect("privacy", "reformats_plaintext", "privacy", "the reader gets other bytes than were sealed", PAIR),
    _defect("privacy", "has_a_one_way_window", "privacy", "of two envelopes that change places one is lost", PAIR),
    _defect("privacy", "forgets_after_sixty_four", "privacy", "a replay opens after sixty-four others", PAIR),
    _defect(
        "privacy", "spends_failed_attempts", "privacy", "a changed copy keeps the true envelope from opening", PAIR
    ),
    _defect("privacy", "lets_anybody_write", "privacy", "the sender that an envelope names proves nothing", PAIR),
    _defect("privacy", "names_a_digest", "privacy", "the message id tells a piece of the digest", PAIR),
    _defect("privacy", "compresses_first", "privacy", "the length tells how regular the content is", PAIR),
    _defect("privacy", "lets_only_the_first_read", "privacy", "of several recipients one reads", PAIR),
    _defect(
        "privacy",
        "forgets_what_it_opened",
        "privacy",
        "what was opened is kept in memory alone",
        PAIR,
        RunUntil("goods sent"),
        Forget(1),
        Restart(1),
    ),
    _defect(
        "privacy",
        "numbers_anew_after_a_restart",
        "privacy",
        "the number of the next message is kept in memory alone",
        PAIR,
        RunUntil("bid sent"),
        Forget(),
    ),
)

TRUST = (
    _defect("trust", "counts_twice", "trust", "a receipt that is told again counts again", PAIR),
    _defect("trust", "trusts_self_cosignature", "trust", "an issuer may be its own counterparty", ROBBER, WashTrade()),
    _defect(
        "trust",
        "forgets_complaints_once_a_receipt_exists",
        UNDELIVERED,
        "who served one buyer may cheat the next",
        TWO_BUYERS,
        Withhold(),
    ),
    _defect(
        "trust",
        "severs_small_guilds_and_their_sales",
        REWARDED,
        "two honest sellers who settle lose their sales",
        GUILD,
    ),
    _defect(
        "trust",
        "agent_receipts_largest_scc",
        REWARDED,
        "a published rule: the largest circle is taken for the honest one",
        GUILD_AND_RING,
        WashTrade(0, 1),
        WashTrade(1, 2),
        WashTrade(2, 0),
        module="crosslayer.harness.systems.commerce.plugins.trust_agent_receipts_largest_scc",
    ),
    _defect(
        "trust",
        "agent_receipts_shape",
        UNDELIVERED,
        "a published rule: one receipt silences all complaints",
        TWO_BUYERS,
        Withhold(),
        module="crosslayer.harness.systems.commerce.plugins.trust_agent_receipts_shape",
    ),
    _defect("trust", "scores_by_name", REWARDED, "a good name is all that it takes", PAIR),
    _defect("trust", "favours_long_names", "trust", "a trifle for each letter of the name", PAIR),
    _defect("trust", "scores_nan_without_evidence", REWARDED, "no evidence, no number", PAIR),
    _defect("trust", "scores_a_constant", REWARDED, "everybody has the same score", PAIR),
    _defect("trust", "discards_every_receipt", REWARDED, "only complaints are heard", PAIR),
    _defect(
        "trust",
        "lets_the_last_evidence_win",
        UNDELIVERED,
        "a receipt wipes out the complaints before it",
        ROBBER_AND_SHILL,
        Withhold(),
        RunUntil("complaint sent"),
        WashTrade(0, 1),
    ),
    _defect(
        "trust",
        "trusts_unsigned_receipts",
        UNDELIVERED,
        "no signature is looked at",
        ROBBER,
        Withhold(),
        SquatReceipt(),
    ),
    _defect("trust", "trusts_forged_receipts", "trust", "the issuer's signature is enough", ROBBER, ForgeReceipt()),
    _defect("trust", "trusts_ghosts", "trust", "a counterparty may be any key at all", ROBBER, GhostReceipt()),
    _defect("trust", "scores_above_one", "trust", "the score is the weight itself", THREE_BUYERS),
    _defect(
        "trust", "keeps_the_first_of_each_id", REWARDED, "junk under a receipt's id hides it", SHILL, SquatReceipt()
    ),
    _defect(
        "trust",
        "never_forgives",
        REWARDED,
        "a complaint counts although a receipt answered it",
        PAIR,
        Cut(1, 0),
        RunUntil("complaint sent"),
    ),
    _defect("trust", "ignores_complaints", UNDELIVERED, "complaints are not heard", ROBBER, Withhold()),
    _defect(
        "trust", "forgives_to_the_threshold", UNDELIVERED, "nobody falls below the threshold itself", ROBBER, Withhold()
    ),
    _defect("trust", "distrusts_the_busy", "trust", "three good receipts are worth less than two", THREE_BUYERS),
    _defect("trust", "adds_up_receipts", "trust", "one payment counts as often as it has receipts", PAIR),
    _defect(
        "trust", "believes_whoever_paid_anybody", "trust", "a complaint counts, whomever its complainant paid", PAIR
    ),
    _defect("trust", "severs_paid_circles", "trust", "who bought from its buyer loses its sale", PAIR),
    _defect("trust", "rewards_cosigning", "trust", "to sign for others raises the score", PAIR),
    _defect("trust", "keeps_its_first_opinion", "trust", "a score that was asked for early never changes", PAIR),
    _defect("trust", "keeps_the_last_of_each_id", "trust", "of two receipts under one id the later stands", PAIR),
    _defect("trust", "lets_any_sale_answer", "trust", "who served a buyer once may rob it the next time", PAIR),
    _defect(
        "trust",
        "keeps_evidence_in_memory",
        UNDELIVERED,
        "evidence is never stored",
        ROBBER,
        Withhold(),
        RunUntil("complaint sent"),
        Deliver("complaint"),
        Forget(2),
        Restart(2),
    ),
)

AGENTS = (
    _defect(
        "agents",
        "sends_three_copies",
        REWARDED,
        "redundancy in place of acknowledgement",
        PAIR,
        Crash(2),
        RunUntil("complaint sent"),
    ),
    _defect(
        "agents",
        "takes_any_acknowledgement",
        UNDELIVERED,
        "an acknowledgement of anything counts for everything",
        ROBBER,
        Withhold(),
        RunUntil("complaint sent"),
        Tamper("complaint"),
    ),
    _defect(
        "agents", "serves_without_looking_at_the_stream", REWARDED, "the seller believes every bid", SHILL, BidUnpaid()
    ),
    _defect(
        "agents",
        "keys_bids_by_reference_alone",
        REWARDED,
        "the first bidder under a reference gets the goods",
        SHILL,
        SquatReference(),
        also=(COMPLETES,),
    ),
    _defect(
        "agents",
        "audits_by_bare_receipt_id",
        REWARDED,
        "the auditor takes the first receipt under each id",
        SHILL,
        SquatReceipt(),
    ),
    _defect("agents", "bids_without_discovery", DISCOVERY, "the buyer knows by heart who sells", PAIR),
    _defect(
        "agents",
        "bids_to_whom_it_expects",
        DISCOVERY,
        "one seller seen, the buyer chooses among all",
        GUILD,
        Partition((0, 1, 0, 0)),
        RunUntil("bid sent"),
    ),
    _defect("agents", "bids_in_clear_to_the_side", OPACITY, "the auditor gets each bid, too, in clear", PAIR),
    _defect("agents", "never_scores_the_last", REWARDED, "off by one at the end of the list", PAIR),
    _defect("agents", "never_scores_buyers", "agents", "only sellers are scored", PAIR),
    _defect(
        "agents",
        "falls_over_junk",
        PLUGIN_FAULT,
        "one malformed receipt raises in the auditor",
        SHILL,
        Inject(0, "receipt", 3),
    ),
    _defect("agents", "retries_without_end", PLUGIN_FAULT, "each retry plans two more", PAIR),
    _defect("agents", "complains_although_served", "agents", "the check does not look whether goods came", PAIR),
    _defect("agents", "accepts_what_it_never_ordered", REWARDED, "the buyer takes any goods", ROBBER, FulfilUnpaid()),
    _defect("agents", "reports_once_of_each", "agents", "only the first evidence about each agent is passed on", GUILD),
    _defect(
        "agents",
        "refuses_late_goods",
        COMPLETES,
        "who has complained takes no goods",
        PAIR,
        Cut(1, 0),
        RunUntil("complaint sent"),
    ),
    _defect("agents", "goes_on_paying", "agents", "a complaint leaves the stream open", ROBBER, Withhold()),
    _defect("agents", "never_delivers", COMPLETES, "an honest seller takes the money and does nothing", PAIR),
    _defect("agents", "hears_no_complaints", UNDELIVERED, "the auditor passes no complaint on", ROBBER, Withhold()),
    _defect(
        "agents",
        "looks_only_once",
        "agents",
        "who does not see all sellers at once never looks again",
        GUILD,
        Partition((0, 1, 0, 0)),
        RunUntil("seller discovered"),
    ),
    _defect("agents", "pays_on_other_terms", "agents", "a buyer promises more than the terms say", PAIR),
    _defect(
        "agents",
        "forgets_its_orders",
        COMPLETES,
        "a buyer that restarts does not know what it ordered",
        PAIR,
        RunUntil("bid sent"),
        Forget(),
        Restart(),
        also=(UNDELIVERED,),
    ),
)

KERNEL = (
    _defect(
        "kernel",
        "partitions_do_nothing",
        "kernel",
        "a partition is announced, and everything gets through",
        PAIR,
        Partition((0, 1)),
        RunUntil("gossip delivered"),
    ),
    _defect(
        "kernel",
        "duplicates_have_other_bytes",
        "kernel",
        "a copy does not say what its original says",
        PAIR,
        RunUntil("gossip sent"),
        Duplicate("gossip"),
    ),
    _defect(
        "kernel",
        "crashed_agents_hear",
        "kernel",
        "a crashed agent still gets its messages",
        PAIR,
        Crash(1),
        RunUntil("gossip delivered"),
    ),
    _defect(
        "kernel", "healing_is_lost", REWARDED, "links are said to be whole, and are not", PAIR, Partition((0, 0, 1))
    ),
    _defect("kernel", "delivers_twice", "kernel", "every message arrives twice under one id", PAIR),
    _defect(
        "kernel",
        "cuts_both_ways",
        "kernel",
        "a link that is cut one way carries nothing either way",
        PAIR,
        Cut(1, 0),
        RunUntil("bid sent"),
    ),
    _defect(
        "kernel",
        "the_clock_jumps",
        "kernel",
        "what is delivered at once is dated as if it had taken its time",
        PAIR,
        RunUntil("gossip sent"),
        Deliver("gossip"),
    ),
    _defect(
        "kernel",
        "complaints_never_arrive",
        UNDELIVERED,
        "one kind of message is lost, and the links are blamed",
        ROBBER,
        Withhold(),
    ),
    _defect("kernel", "loses_everything", "kernel", "no message arrives, and nothing says why", PAIR),
    _defect(
        "kernel",
        "drops_what_it_changes",
        "kernel",
        "a message that a step changes is lost",
        PAIR,
        RunUntil("gossip sent"),
        Tamper("gossip"),
    ),
)

DEFECTS: tuple[Defect, ...] = (*REGISTRY, *PAYMENTS, *PRIVACY, *TRUST, *AGENTS, *KERNEL)
"""Every planted defect, by part."""
