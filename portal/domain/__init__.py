"""Pure rules of the study: standard library only, no clock, no database, no web."""
