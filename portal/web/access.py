"""Who may ask for a view: declared on the view itself, checked before it runs, refused when not declared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.roles import Role
from portal.web import staff_session
from portal.web.principals import find_patient, find_staff

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a view declares: open to all (with the reason why), to patients, or to staff with one of `roles`."""

    why_public: str = ""
    patients: bool = False
    roles: frozenset[Role] = frozenset()
    any_staff: bool = False


def public(why: str) -> Callable[[View], View]:
    """Open a view to everyone; `why` says why that is safe."""
    return _declared(Access(why_public=why))


def patients_only(view: View) -> View:
    """Open a view to a participant whose phone is enrolled."""
    return _declared(Access(patients=True))(view)


def allow(*roles: Role) -> Callable[[View], View]:
    """Open a view to staff who have one of `roles` at some site; the service then checks the site."""
    return _declared(Access(roles=frozenset(roles)))


def any_staff(view: View) -> View:
    """Open a view to whoever of the staff is signed in, whatever the role."""
    return _declared(Access(any_staff=True))(view)


def records(view: View) -> View:
    """Say that a view writes although it is only asked to show: it leaves an audit event."""
    view.records = True  # type: ignore[attr-defined] # functions carry attributes
    return view


def takes(size: int) -> Callable[[View], View]:
    """Let a view be sent up to `size` bytes, where that is more than the portal takes elsewhere."""

    def declare(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined] # functions carry attributes
        return view

    return declare


def init_app(app: Flask) -> None:
    """Check each request against what its view declares."""
    app.before_request(_check)


def _declared(access: Access) -> Callable[[View], View]:
    def declare(view: View) -> View:
        view.access = access  # type: ignore[attr-defined] # functions carry attributes
        return view

    return declare


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    access: Access | None = getattr(view, "access", None)
    if access is None:
        abort(500, f"{request.endpoint} does not declare who may ask for it")
    if access.why_public:
        return None
    if access.patients:
        return None if find_patient() else _ask_to_enter("door.enter")
    staff = find_staff()
    if staff is None:
        return _ask_to_enter(staff_session.SIGN_IN)
    if not (access.any_staff or access.roles & staff.all_roles):
        abort(403)
    # Before anything reads the form, and for nobody but those whom the view is open to.
    request.max_content_length = getattr(view, "takes", request.max_content_length)
    return None


def _ask_to_enter(endpoint: str) -> ResponseReturnValue:
    """Send a person to the door, and a program (JSON) away with 401."""
    if request.blueprint == "api" or request.method != "GET":
        abort(401)
    if endpoint == staff_session.SIGN_IN:
        staff_session.keep_wanted(request.path)
    return redirect(url_for(endpoint), 303)
