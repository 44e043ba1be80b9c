"""What it means: the smallest case, the reason for each step, whose fault it is, and the story."""
