"""The web edge: reads the clock, knows who is asking, and commits."""
