"""Use-cases: functions of (session, …, by, at) that flush and never commit."""
