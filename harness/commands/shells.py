"""How shells are answered that complete a command line.

Owns the differences between shells that click does not know. Knows nothing of what is completed.
"""

from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class

SHELLS = ("bash", "zsh", "fish")
"""The shells for which there is a script."""

_BREAKS = frozenset("=:")
"""Where bash, and no other shell, parts a word such as `trust=my_pkg:make`."""


class _WholeWords(BashComplete):
    """Bash, with the words put together again that it has parted; it expects the last part alone."""

    _prefix = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, and that one."""
        words, last = super().get_completion_args()
        whole: list[str] = []
        joined = False
        for number, word in enumerate((*words, last)):
            separates = bool(word) and _BREAKS.issuperset(word)
            if separates and whole and whole[-1].startswith("--"):
                whole += [""] if number == len(words) else []
                continue
            if whole and (separates or joined):
                whole[-1] += word
            else:
                whole.append(word)
            joined = separates
        *before, incomplete = whole
        self._prefix = incomplete[: max(incomplete.rfind("="), incomplete.rfind(":")) + 1]
        return before, incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """One answer, without what bash has before the last separator."""
        return f"{item.type},{str(item.value).removeprefix(self._prefix)}"


def register() -> None:
    """From now on, bash is answered like this."""
    add_completion_class(_WholeWords)
