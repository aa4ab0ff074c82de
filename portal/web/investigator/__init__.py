"""The investigator's pages: what waits to be seen."""
