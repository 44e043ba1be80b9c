"""What chooses: the engines, the exhaustive search, and what they draw from."""
