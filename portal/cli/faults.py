"""Errors as a person reads them: one line, without what only a programmer wants to know."""


def first_line(error: Exception) -> str:
    """Give what an error says, without the driver's name and without the statement that it met."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
