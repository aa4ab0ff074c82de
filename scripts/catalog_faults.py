"""What can be wrong with one translated text: placeholders, tags, French typography."""

import re

THIN = "\u202f"  # narrow no-break space, before ; ! ?
WIDE = "\u00a0"  # no-break space, before : and inside « »

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(?:#?\w+);")
_ADDRESS = re.compile(r"https?://\S+")


def placeholders(text: str) -> frozenset[str]:
    """The named placeholders of a text: `%(name)s` and `%(count)d`."""
    return frozenset(_PLACEHOLDER.findall(text))


def pair_faults(source: str, translation: str) -> list[str]:
    """Say where a translation has other placeholders, tags or outer spaces than its source."""
    faults = []
    ours, theirs = placeholders(source), placeholders(translation)
    if ours != theirs:
        faults.append(f"placeholders differ: {' '.join(sorted(ours))} against {' '.join(sorted(theirs))}")
    if sorted(_TAG.findall(source)) != sorted(_TAG.findall(translation)):
        faults.append(f"tags differ: {_TAG.findall(source)} against {_TAG.findall(translation)}")
    if source[:1].isspace() != translation[:1].isspace() or source[-1:].isspace() != translation[-1:].isspace():
        faults.append("spaces at the start or end differ")
    if placeholders(translation) and not _can_be_formatted(translation):
        faults.append("a lone % stands beside placeholders; write %%")
    return faults


def french_faults(text: str) -> list[str]:
    """Say where a French text breaks our typography: ’ as apostrophe, and the spaces of ; ! ? : « »."""
    words = _without_markup(text)
    faults = []
    if "'" in words:
        faults.append("straight apostrophe; write ’")
    if '"' in words:
        faults.append("straight quotation mark; write « »")
    if "..." in words:
        faults.append("three full stops; write …")
    if re.search(rf"(?:^|[^{THIN};!?])[;!?]", words):
        faults.append("; ! and ? follow a narrow no-break space (U+202F)")
    if re.search(rf"(?:^|[^{WIDE}]):(?:\s|$)|[ {THIN}]:", words):
        faults.append(": follows a no-break space (U+00A0)")
    if re.search(rf"«(?!{WIDE})|(?<!{WIDE})»", words):
        faults.append("« and » hold a no-break space (U+00A0) inside")
    return faults


def _without_markup(text: str) -> str:
    """Take away what is no prose, so that its punctuation is not judged: tags, entities, addresses, placeholders."""
    for pattern, instead in ((_TAG, ""), (_ENTITY, "x"), (_ADDRESS, "x"), (_PLACEHOLDER, "x")):
        text = pattern.sub(instead, text)
    return text


def _can_be_formatted(text: str) -> bool:
    try:
        text % {name[2:-2]: 0 for name in placeholders(text)}
    except (ValueError, TypeError):
        return False
    return True
