"""What runs it: one heap, one loop, one clock, and the isolation boundary around plugins."""
