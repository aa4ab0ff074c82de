"""Errors as a person reads them: one line, without what only a programmer wants to know."""


def first_line(error: Exception) -> str:
    """Give what an error says, without the driver's name and without the statement that it met."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
