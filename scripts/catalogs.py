"""Keep the catalogs of interface words: extract, merge, translate, compile and check them.

scripts/catalogs.py update               sources → messages.pot → each messages.po; then compile
scripts/catalogs.py set fr FILE.json     the same, and fill in {msgid: translation} from a file
scripts/catalogs.py check                fail when a catalog is stale, incomplete or wrongly set

A plural's key is "msgid|msgid_plural", its value [singular, plural]; a message with a context has the key
"context␄msgid" (U+0004 between). All writing happens under a lock, so that two people may work at once.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import polib
from catalog_faults import french_faults, pair_faults, placeholders
from catalog_files import (
    PLURALS,
    CatalogError,
    catalog_path,
    compile_all,
    extract,
    fill,
    locked,
    merge,
    name,
    order,
    template_path,
)

ROOT = Path(__file__).resolve().parent.parent
Given = Mapping[str, str | list[str]]


def update(root: Path, given: Given, language: str = "fr", drop_obsolete: bool = False) -> list[str]:
    """Extract, merge, fill and compile; answer with the given keys that no source uses."""
    with locked(root):
        template = extract(root)
        template.save(str(template_path(root)))
        unknown = set(given)
        for each in PLURALS:
            catalog = merge(root, each, template)
            if drop_obsolete:
                catalog[:] = [entry for entry in catalog if not entry.obsolete]
            for entry in catalog if each == language else ():
                if not entry.obsolete and name(entry) in given:
                    fill(entry, given[name(entry)])
                    unknown.discard(name(entry))
            catalog_path(root, each).parent.mkdir(parents=True, exist_ok=True)
            catalog.save(str(catalog_path(root, each)))
        compile_all(root)
    return sorted(unknown)


def check(root: Path) -> list[str]:
    """Name every fault of the catalogs, a line each; an empty list when all is well."""
    template = extract(root)
    path = template_path(root)
    if not path.exists() or _words(polib.pofile(str(path))) != _words(template):
        return ["messages.pot is stale: run scripts/catalogs.py update"]
    faults = []
    for language in PLURALS:
        po = catalog_path(root, language)
        catalog = polib.pofile(str(po)) if po.exists() else polib.POFile()
        known = {order(entry): entry for entry in catalog if not entry.obsolete}
        for source in template:
            entry = known.pop(order(source), None)
            said = _entry_faults(entry, language) if entry else ["missing: run scripts/catalogs.py update"]
            faults += [f"{language}: “{name(source)}”: {fault}" for fault in said]
        unused = [*known.values(), *catalog.obsolete_entries()]
        faults += [f"{language}: “{name(entry)}”: obsolete: run update --drop-obsolete" for entry in unused]
    return faults


def _entry_faults(entry: polib.POEntry, language: str) -> list[str]:
    texts = [entry.msgstr_plural[n] for n in sorted(entry.msgstr_plural)] if entry.msgid_plural else [entry.msgstr]
    if not all(texts):
        return ["missing"]
    faults = ["fuzzy"] if entry.fuzzy else []
    for number, text in enumerate(texts):
        source = entry.msgid_plural if entry.msgid_plural and number else entry.msgid
        # French says "0 question": its singular may need the number that the English singular leaves out.
        if number == 0 and entry.msgid_plural and placeholders(text) == placeholders(entry.msgid_plural):
            source = entry.msgid_plural
        faults += pair_faults(source, text)
        faults += french_faults(text) if language == "fr" else []
    return faults


def _words(template: polib.POFile) -> list[tuple[str, str]]:
    return [(name(entry), entry.comment) for entry in template]


def _given(path: Path) -> dict[str, str | list[str]]:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise CatalogError(f"{path}: {fault}") from fault
    if not isinstance(given, dict):
        raise CatalogError(f"{path}: wants one JSON object, {{msgid: translation}}")
    return given


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run one command; 0 when all is well, 1 when there are faults to mend, 2 when it cannot be done."""
    parser = argparse.ArgumentParser(description="Keep the catalogs of interface words.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("extract", help='print the messages of the sources, as JSON {msgid: ""}')
    updating = commands.add_parser("update", help="extract, merge and compile")
    updating.add_argument("--drop-obsolete", action="store_true", help="also drop what no source uses")
    commands.add_parser("compile", help="write each .mo beside its .po")
    commands.add_parser("check", help="name every fault, exit 1 if there is one")
    setting = commands.add_parser("set", help="update, then fill in translations from a JSON file")
    setting.add_argument("language", choices=sorted(PLURALS))
    setting.add_argument("file", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        faults = _run(chosen, root)
    except CatalogError as refusal:
        print(f"catalogs: {refusal}", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _run(chosen: argparse.Namespace, root: Path) -> list[str]:
    match chosen.command:
        case "extract":
            print(json.dumps({name(entry): "" for entry in extract(root)}, ensure_ascii=False, indent=1))
        case "compile":
            with locked(root):
                compile_all(root)
        case "check":
            return check(root)
        case "set":
            unused = update(root, _given(chosen.file), chosen.language)
            return [
                f"{chosen.language}: “{unknown}”: no source has this message (the others were set)"
                for unknown in unused
            ]
        case _:
            update(root, {}, drop_obsolete=chosen.drop_obsolete)
    return []


if __name__ == "__main__":
    sys.exit(main())
