"""The mailbox of what came back over TLS: read where the certificate fits, and told no password where it does not."""

from pathlib import Path

import pytest

from portal.adapters.bounce_mailbox import BounceMailboxError, ImapMailbox, bounce_mailbox
from tests.adapters import certificates
from tests.adapters.imap_server import USER, ImapServer

URL = "imaps://{user}:p%22ss%20word@localhost:{port}/INBOX"


def reach(server: ImapServer) -> ImapMailbox:
    """Give the mailbox as the setting names it."""
    box = bounce_mailbox(URL.format(user=USER, port=server.port))
    assert isinstance(box, ImapMailbox)
    assert box.tls
    return box


def refused(server: ImapServer) -> str:
    """Try to read the mailbox; give why it could not be read."""
    taken: list[bytes] = []
    with pytest.raises(BounceMailboxError) as fault:
        reach(server).read(taken.append)
    assert taken == []
    return str(fault.value)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give where the certificates stand that this machine trusts."""
    path = tmp_path / "trusted.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_a_mailbox_is_read_over_tls_where_the_certificate_fits(trusted: Path) -> None:
    taken: list[bytes] = []
    with ImapServer({7: b"first", 8: b"second"}, tls=certificates.make(trusted)) as server:
        reach(server).read(taken.append)
        reach(server).read(taken.append)
        assert server.seen == {7, 8}
    assert taken == [b"first", b"second"]


@pytest.mark.parametrize(
    ("host", "days", "is_trusted", "told"),
    [
        ("localhost", 1, False, "certificate refused: self-signed certificate"),
        ("localhost", -1, True, "certificate refused: certificate has expired"),
        ("mail.portal.example", 1, True, "certificate refused: Hostname mismatch"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused_before_the_password_is_sent(
    trusted: Path, tmp_path: Path, host: str, days: int, is_trusted: bool, told: str
) -> None:
    path = trusted if is_trusted else tmp_path / "of-a-stranger.pem"
    with ImapServer({7: b"first"}, tls=certificates.make(path, host, days=days)) as server:
        assert refused(server).startswith(told)
        assert server.said == []


def test_a_server_that_speaks_without_tls_is_told_no_password() -> None:
    with ImapServer({7: b"first"}) as server:
        assert refused(server) == "SSLError"
        assert not [line for line in server.said if "LOGIN" in line]
