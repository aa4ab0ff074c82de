"""The lists of what may appear where find what they must, and leave ordinary words alone."""

import pytest

from portal.domain import blind


@pytest.mark.parametrize(
    "text",
    [
        "Your DLQI is ready",
        "votre sclérodermie",
        "Scleroderma study",
        "fibrose cutanée",
        "The total is 12",
        "un score élevé",
        "a severe skin disease",
        "Raynaud’s phenomenon",
        "le bras du traitement",
        "HAQ-DI 1.25",
    ],
)
def test_what_tells_of_health_or_treatment_is_found(text: str) -> None:
    assert blind.forbidden_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "Vos questionnaires sont prêts pour la visite du 3 mars 2027.",
        "Hôpital des Tilleuls, Paris",
        "Please embrace the skinny armchair",
        "totalement",
    ],
)
def test_ordinary_words_pass(text: str) -> None:
    assert blind.forbidden_words(text) == []


def test_a_mail_carries_only_what_its_list_names() -> None:
    blind.check_placeholders("opening", ["visit_on", "link", "site_name"])
    with pytest.raises(blind.BlindBrokenError, match="'opening' may not carry participant_number"):
        blind.check_placeholders("opening", ["visit_on", "participant_number"])
    with pytest.raises(blind.BlindBrokenError, match="'unheard-of' may not carry link"):
        blind.check_placeholders("unheard-of", ["link"])


def test_names_are_looked_at_part_by_part() -> None:
    assert blind.unblinding_parts("treatment_arm") == {"treatment", "arm"}
    assert blind.unblinding_parts("visit.alarm_at") == set()
    assert blind.personal_parts("participant.birth_date") == {"birth"}
