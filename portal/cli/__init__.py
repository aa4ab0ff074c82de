"""The command line's edge: reads the clock and the environment, and commits."""
