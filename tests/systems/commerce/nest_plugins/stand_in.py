"""The values of NEST that plugins of the four layers are given and answer, for where NEST is not installed.

Fields and defaults are those of `nest_core.types`; a test that runs where NEST is installed compares them.
"""

from enum import Enum
from typing import Any

from attrs import Factory, define


@define(kw_only=True)
class AgentCard:
    agent_id: str
    name: str
    capabilities: list[str] = Factory(list)
    endpoint: str | None = None
    metadata: dict[str, Any] = Factory(dict)


@define(kw_only=True)
class Query:
    capabilities: list[str] = Factory(list)
    name_pattern: str | None = None
    metadata_filter: dict[str, Any] = Factory(dict)


@define(kw_only=True)
class Money:
    amount: int
    currency: str = "credits"


@define(kw_only=True)
class Receipt:
    ref: str
    payer: str
    payee: str
    amount: Money
    timestamp: float | None = None


class PaymentStatus(Enum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REFUNDED = "refunded"


@define(kw_only=True)
class Evidence:
    reporter: str
    subject: str
    kind: str
    detail: str = ""
    timestamp: float | None = None


@define(kw_only=True)
class ReputationScore:
    agent_id: str
    score: float
    confidence: float = 0.0
    sample_count: int = 0
