"""Payment in arrears: a stream's money is counted tick by tick, but moves only when the stream is closed.

Owns one accrual rule; the ledger is that of `payments_streaming`. What is wrong with it: until the end no
seller can see that it is being paid, so a seller that delivers on trust may deliver for nothing.
"""

from crosslayer.harness.systems.commerce.plugins.payments_streaming import Account, Agreement, accounts, accrued
from crosslayer.harness.systems.commerce.ports import Roster


def accrued_at_close(agreement: Agreement, now: int) -> int:
    """Nothing while the stream is open, then at once all that accrued until its closing."""
    return 0 if agreement.closed is None else accrued(agreement, now)


def make(roster: Roster) -> dict[str, Account]:
    """One ledger on which money moves only at closing."""
    return accounts(roster, accrued_at_close)
