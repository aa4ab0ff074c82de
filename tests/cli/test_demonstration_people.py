"""The demonstration's people: whatever the day, each site has somebody who comes today; and what is wished of them."""

from datetime import date, timedelta
from importlib.resources import files

from portal.cli.demonstration import wishes
from portal.cli.demonstration.people import ONE_DAY, PEOPLE, included_on
from portal.cli.demonstration.wishes import Wish
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


def test_each_wish_is_one_of_somebody_who_is_reached_in_that_way() -> None:
    assert {each.wish for each in wishes.ALL} == set(Wish)
    for each in wishes.ALL:
        person = PEOPLE[each.person]
        assert person.telephone if each.wish is Wish.TEXT_TEST else person.has_email, each
