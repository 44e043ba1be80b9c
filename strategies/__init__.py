"""Everything that draws: the only product code that imports Hypothesis."""
