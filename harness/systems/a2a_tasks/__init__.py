"""`a2a_tasks`: an agent of the A2A SDK that does tasks, and clients that ask again when they hear nothing."""
