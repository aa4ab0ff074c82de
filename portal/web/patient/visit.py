"""The visit: what is due today, how far it is, and how to start."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain import instruments
from portal.domain.instruments.wording import Wording
from portal.services import sittings, wordings
from portal.services.sittings import Sitting, Today
from portal.web import stores
from portal.web.access import patients_only
from portal.web.languages import current_language
from portal.web.patient import practice
from portal.web.principals import current_patient

bp = Blueprint("visit", __name__)

SECONDS_A_QUESTION = 15


@dataclass(frozen=True)
class Due:
    """A sitting in words: the wording of each questionnaire (none where the language lacks it), and how long it takes.

    `minutes` is a multiple of five. `start` is where Start leads: to the next questionnaire, or first to the practice.
    """

    sitting: Sitting
    words: Mapping[str, Wording | None]
    minutes: int
    unsent: tuple[UUID, ...]
    start: str

    @property
    def left(self) -> int:
        """The number of questionnaires that are not sent yet."""
        return len(self.unsent)

    @property
    def held(self) -> str:
        """The addresses that say what the server holds of them."""
        return " ".join(url_for("offline.held", assignment_id=each) for each in self.unsent)


@bp.get("/visit")
@patients_only
def show() -> ResponseReturnValue:
    """Show what is due, or kind words when nothing is."""
    at = clock.now()
    today = sittings.today(stores.session(), current_patient().participant_id, at=at)
    if today.withdrawn:
        return render_template("patient/withdrawn.html", site=today.place.site)
    if today.sitting is None or today.sitting.next_task is None:
        return render_template("patient/nothing_due.html", today=today, words=_words(today), site=today.place.site)
    return render_template("patient/visit.html", due=_due(today, today.sitting), today=today, site=today.place.site)


def _due(today: Today, sitting: Sitting) -> Due:
    unsent = [task for task in sitting.tasks if not task.is_sent]
    questions = sum(instruments.get(task.instrument).question_count - task.done for task in unsent)
    minutes = max(5, 5 * round(questions * SECONDS_A_QUESTION / 60 / 5))
    start = practice.address_before(today) or url_for("answering.show", assignment_id=unsent[0].assignment_id)
    return Due(sitting, _words(today), minutes, tuple(task.assignment_id for task in unsent), start)


def _words(today: Today) -> Mapping[str, Wording | None]:
    study, on = today.place.definition, today.place.today(clock.now())
    return {
        task.instrument: wordings.find_current(stores.session(), study.mode, task.instrument, current_language(), on=on)
        for task in (today.sitting.tasks if today.sitting else ())
    }
