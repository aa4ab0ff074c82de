"""What a phone's programs talk to; docs/answer-protocol.md describes it."""
