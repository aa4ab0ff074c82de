"""The nurse's pages: who is due, and the summaries to print."""
