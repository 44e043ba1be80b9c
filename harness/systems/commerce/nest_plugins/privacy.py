"""A NEST privacy plugin as ours.

Owns the exchange of public keys before the first message, and what a failed `decrypt` means. Knows no cryptography.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.nest_plugins.driving import drive

PART = "privacy"


class NestPrivacy:
    """One agent's sealing and opening."""

    def __init__(self, name: str, plugin: Any) -> None:
        self._name = name
        self._plugin = plugin

    def encrypt(self, data: bytes, audience: Sequence[str]) -> Any:
        """What NEST's `encrypt` makes of it."""
        return drive(PART, self._name, "encrypt", self._plugin.encrypt(data, list(audience)))

    def decrypt(self, data: bytes) -> Any:
        """What NEST's `decrypt` makes of it; whatever it raises is its no, as NEST's own agents take it."""
        try:
            return drive(PART, self._name, "decrypt", self._plugin.decrypt(data))
        except (PluginFault, Refused):
            raise
        except Exception as error:
            raise Refused(describe(error)) from error


def introduce(plugins: Mapping[str, Any]) -> None:
    """Give everybody everybody else's public key, where the plugins have `register_peer` and `public_key`."""
    for name, plugin in plugins.items():
        for peer, other in plugins.items():
            if peer != name and hasattr(plugin, "register_peer") and hasattr(other, "public_key"):
                plugin.register_peer(peer, other.public_key)
