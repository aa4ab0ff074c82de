"""The outside world made real: mail, PDF, calendars, languages."""
