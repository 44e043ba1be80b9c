"""What searches draw from, as plain data: both engines, with and without Hypothesis, read the same tables."""
