"""A simulation: a whole study played on the real services with a clock that jumps from event to event."""
