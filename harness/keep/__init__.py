"""What stays true: replay, the corpus, the check for determinism."""
