"""The mailbox of what came back: read once, marked as read when it was taken, and its faults told without a secret."""

from pathlib import Path

import pytest

from portal.adapters.bounce_mailbox import (
    BounceMailboxError,
    BounceSettingsError,
    ImapMailbox,
    Maildir,
    bounce_mailbox,
)
from tests.adapters.imap_server import PASSWORD, USER, ImapServer


class StoreFaultError(Exception):
    """What was handed over cannot be kept."""


def refuse(_raw: bytes) -> None:
    raise StoreFaultError


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1772528400.M2P1.mx").write_bytes(b"second")
    (tmp_path / "new" / "1772528399.M1P1.mx").write_bytes(b"first")
    (tmp_path / "cur" / "1772528398.M0P1.mx:2,S").write_bytes(b"read long ago")
    return tmp_path


def reach(server: ImapServer, password: str = PASSWORD) -> ImapMailbox:
    return ImapMailbox("127.0.0.1", server.port, USER, password, tls=False, timeout=5)


def test_a_maildir_hands_over_what_is_new_and_keeps_it_as_seen(maildir: Path) -> None:
    taken: list[bytes] = []
    box = bounce_mailbox(f"maildir:{maildir}")
    assert box
    box.read(taken.append)
    box.read(taken.append)
    assert taken == [b"first", b"second"]
    assert list((maildir / "new").iterdir()) == []
    assert (maildir / "cur" / "1772528399.M1P1.mx:2,S").read_bytes() == b"first"


def test_what_could_not_be_kept_stays_new(maildir: Path) -> None:
    with pytest.raises(StoreFaultError):
        Maildir(maildir).read(refuse)
    assert len(list((maildir / "new").iterdir())) == 2


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(BounceMailboxError, match="FileNotFoundError"):
        Maildir(tmp_path / "gone").read(refuse)


def test_an_imap_server_hands_over_what_is_unseen_and_is_told_of_it() -> None:
    taken: list[bytes] = []
    with ImapServer({7: b"first\r\n", 9: b"seen\r\n", 12: b"second " * 100_000}, seen={9}) as server:
        reach(server).read(taken.append)
        reach(server).read(taken.append)
        assert server.seen == {7, 9, 12}
    assert [raw[:6] for raw in taken] == [b"first\r", b"second"]
    assert len(taken[1]) == 256 * 1024  # the rest of a long one is not asked for


def test_what_could_not_be_kept_stays_unseen() -> None:
    with ImapServer({7: b"first"}) as server:
        with pytest.raises(StoreFaultError):
            reach(server).read(refuse)
        assert server.seen == set()


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"])
def test_a_server_that_hangs_up_is_told_and_nothing_is_lost(command: str) -> None:
    taken: list[bytes] = []
    with ImapServer({7: b"first"}, hangs_up_at=command) as server:
        with pytest.raises(BounceMailboxError) as fault:
            reach(server).read(taken.append)
        assert server.seen == set()
        server.hangs_up_at = ""
        reach(server).read(taken.append)
        assert server.seen == {7}
    assert PASSWORD not in str(fault.value)
    assert set(taken) == {b"first"}


def test_a_wrong_password_and_a_silent_port_are_told() -> None:
    with ImapServer({}) as server:
        with pytest.raises(BounceMailboxError, match="refused"):
            reach(server, "wrong").read(refuse)
        port = server.port
    with pytest.raises(BounceMailboxError, match="ConnectionRefusedError"):
        ImapMailbox("127.0.0.1", port, USER, PASSWORD, tls=False, timeout=5).read(refuse)


def test_the_setting_says_where_and_how() -> None:
    assert bounce_mailbox("") is None
    asked = bounce_mailbox("imaps://bounces%40portal.example:p%40ss@mail.portal.example/Bounces")
    assert asked == ImapMailbox("mail.portal.example", 993, "bounces@portal.example", "p@ss", folder="Bounces")
    assert "p@ss" not in repr(asked)
    assert bounce_mailbox("imap://b:p@localhost:1143") == ImapMailbox("localhost", 1143, "b", "p", tls=False)


@pytest.mark.parametrize(
    "url",
    [
        "pop3://bounces:open-sesame@mail.example",
        "imaps://mail.example/INBOX",
        "imaps://bounces:open-sesame@mail.example:x/INBOX",
        'imaps://bounces:open-sesame@mail.example/IN"BOX',
        "imap://bounces:open-sesame@mail.example/INBOX",
        "maildir:/there/is/none",
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(BounceSettingsError, match="BOUNCE_MAILBOX") as refused:
        bounce_mailbox(url)
    assert "open-sesame" not in str(refused.value)
