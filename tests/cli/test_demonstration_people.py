"""The demonstration's people: whatever the day, each site has somebody who comes today."""

from datetime import date, timedelta
from importlib.resources import files

from portal.cli.demonstration.people import ONE_DAY, PEOPLE, included_on
from portal.domain import schedule
from portal.domain.study_file import from_toml


def test_on_every_day_of_four_years_somebody_is_due_at_each_site() -> None:
    study = from_toml((files("portal.studies") / "demonstration.toml").read_bytes())
    first = date(2027, 1, 1)
    for number in range(4 * 365 + 1):  # calendar months reach neither 31 March by way of "month 6", nor 30 by "month 1"
        today = first + timedelta(days=number)
        due = {
            person.site
            for person in PEOPLE
            if (visit := study.get_visit(person.visit))
            and schedule.planned_on(included_on(visit, today + person.days * ONE_DAY), visit) == today
        }
        assert due == {"01", "02"}, today
