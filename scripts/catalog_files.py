"""The catalogs as files: messages read from the sources, merged into each language's .po, compiled to .mo."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from catalog_faults import placeholders

METHODS = [("portal/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
# Without silent=false the Jinja extractor passes over a broken template, and its strings would look unused.
OPTIONS = {f"templates/**.{ending}": {"silent": "false", "extensions": "jinja2.ext.do"} for ending in ("html", "txt")}
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "lazy_pgettext": ((1, "c"), 2)}
PLURALS = {"en": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
Key = tuple[str | None, str]


class CatalogError(Exception):
    """The sources or the given file cannot be used; the message says which and why."""


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the translations folder, so that a second writer waits."""
    folder = os.open(root / "translations", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def template_path(root: Path) -> Path:
    return root / "translations" / "messages.pot"


def catalog_path(root: Path, language: str) -> Path:
    return root / "translations" / language / "LC_MESSAGES" / "messages.po"


def extract(root: Path) -> polib.POFile:
    """Read every message from the sources, sorted by msgid, without places: so merges stay stable."""
    entries: dict[Key, polib.POEntry] = {}
    for top in ("portal", "templates"):
        if not (root / top).is_dir():
            continue
        methods = [(pattern.removeprefix(f"{top}/"), how) for pattern, how in METHODS if pattern.startswith(top)]
        options = {pattern.removeprefix(f"{top}/"): value for pattern, value in OPTIONS.items()}
        found = extract_from_dir(root / top, methods, options, KEYWORDS, comment_tags=("Translators:",))
        try:
            for _file, _line, message, comments, context in found:
                _add(entries, message, "\n".join(comments), context)
        except Exception as fault:  # Jinja, Python and decoding faults differ; each names the file it met
            place = getattr(fault, "filename", None) or getattr(fault, "name", None) or ""
            raise CatalogError(f"cannot read the messages of {top}: {fault} {place}".rstrip()) from fault
    template = polib.POFile()
    template.metadata = _header("")
    template.extend(sorted(entries.values(), key=order))
    return template


def _add(entries: dict[Key, polib.POEntry], message: str | tuple[str, ...], comment: str, context: str | None) -> None:
    singular, plural = (message, "") if isinstance(message, str) else (message[0], message[1])
    if not singular:
        return
    entry = entries.setdefault((context, singular), polib.POEntry(msgid=singular, msgctxt=context))
    if plural:
        entry.msgid_plural = plural
        entry.msgstr_plural = {0: "", 1: ""}
    if comment:
        entry.comment = comment
    if placeholders(singular + plural) and "python-format" not in entry.flags:
        entry.flags.append("python-format")


def merge(root: Path, language: str, template: polib.POFile) -> polib.POFile:
    """Bring one language's catalog up to the template: nothing is lost, what is no longer used becomes obsolete."""
    path = catalog_path(root, language)
    old = {order(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    catalog = polib.POFile(wrapwidth=110)
    catalog.metadata = _header(language)
    for source in template:
        entry = polib.POEntry(msgid=source.msgid, msgctxt=source.msgctxt, comment=source.comment)
        entry.flags = list(source.flags)
        entry.msgid_plural, entry.msgstr_plural = source.msgid_plural, dict(source.msgstr_plural)
        known = old.pop(order(source), None)
        if known and bool(known.msgid_plural) == bool(source.msgid_plural):
            entry.msgstr, entry.tcomment = known.msgstr, known.tcomment
            entry.msgstr_plural = known.msgstr_plural or entry.msgstr_plural
            entry.flags += ["fuzzy"] if known.fuzzy else []
        if language == "en":
            fill(entry, [entry.msgid, entry.msgid_plural] if entry.msgid_plural else entry.msgid)
        catalog.append(entry)
    if language != "en":
        for _, entry in sorted(old.items()):
            entry.obsolete = True
            catalog.append(entry)
    return catalog


def compile_all(root: Path) -> None:
    """Write each messages.mo beside its messages.po."""
    for path in sorted((root / "translations").glob("*/LC_MESSAGES/*.po")):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def fill(entry: polib.POEntry, value: str | list[str]) -> None:
    if bool(entry.msgid_plural) != isinstance(value, list) or (isinstance(value, list) and len(value) != len(PLURALS)):
        raise CatalogError(f"“{name(entry)}” wants {'[singular, plural]' if entry.msgid_plural else 'one text'}")
    if isinstance(value, list):
        entry.msgstr_plural = dict(enumerate(value))
    else:
        entry.msgstr = value
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]


def name(entry: polib.POEntry) -> str:
    """The key of a message in the JSON that `set` reads."""
    context = f"{entry.msgctxt}\x04" if entry.msgctxt else ""
    return context + entry.msgid + (f"|{entry.msgid_plural}" if entry.msgid_plural else "")


def order(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgid, entry.msgctxt or ""


def _header(language: str) -> dict[str, str]:
    """Only what readers of the file need: a date or a person here would make every merge a conflict."""
    plurals = {"Plural-Forms": PLURALS[language]} if language else {}
    return {
        "Project-Id-Version": "Previsit",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        **plurals,
    }
