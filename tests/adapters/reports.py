"""Mails as mail servers send them back, each in its own way, about the mail with `NAME` as Message-ID."""

from uuid import UUID

MESSAGE_ID = UUID("1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b")
NAME = f"{MESSAGE_ID}@portal.example"
LETTER = f"""\
From: Previsit <previsit@portal.example>
To: someone@example.net
Subject: Vos questionnaires sont ouverts
Date: Wed, 03 Mar 2027 09:00:00 +0000
Message-ID: <{NAME}>
Auto-Submitted: auto-generated

Bonjour
"""


def postfix(*, action: str = "failed", status: str = "5.1.1", name: str = NAME) -> bytes:
    """Give what Postfix sends: words, a status, and the headers alone."""
    delayed = "Will-Retry-Until: Mon, 8 Mar 2027 10:00:02 +0100 (CET)\n" if action == "delayed" else ""
    headers = LETTER.partition("\n\n")[0].replace(NAME, name)
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.portal.example (Mail Delivery System)
To: bounces@portal.example
Subject: Undelivered Mail Returned to Sender
Date: Wed, 3 Mar 2027 10:00:02 +0100 (CET)
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4DB1A2.1803895202/mx.portal.example"
Message-Id: <20270303090002.0A1B2C@mx.portal.example>

This is a MIME-encapsulated message.

--4DB1A2.1803895202/mx.portal.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

The mail system: <someone@example.net>: host mx.example.net[192.0.2.1] said so.

--4DB1A2.1803895202/mx.portal.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.portal.example
X-Postfix-Queue-ID: 4DB1A2
Arrival-Date: Wed,  3 Mar 2027 10:00:00 +0100 (CET)

Final-Recipient: rfc822; someone@example.net
Original-Recipient: rfc822;someone@example.net
Action: {action}
Status: {status}
{delayed}Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; 550 5.1.1 <someone@example.net>: user unknown

--4DB1A2.1803895202/mx.portal.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{headers}

--4DB1A2.1803895202/mx.portal.example--
""".encode()


def exchange() -> bytes:
    """Give what Exchange sends: HTML words, a status without detail but in its answer, and the whole mail."""
    return f"""\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@clinic.example>
To: <bounces@portal.example>
Date: Wed, 3 Mar 2027 09:00:05 +0000
Subject: =?utf-8?Q?Non_remis=C2=A0:_Vos_questionnaires?=
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="de305d54-75b4"
MIME-Version: 1.0
X-MS-Exchange-Message-Is-Ndr:

--de305d54-75b4
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PHA+TGUgZGVzdGluYXRhaXJlIG4nZXhpc3RlIHBhcy48L3A+

--inner--

--de305d54-75b4
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.clinic.example

Final-recipient: RFC822;someone@example.net
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup

--de305d54-75b4
Content-Type: message/rfc822

{LETTER}
--de305d54-75b4--
""".replace("\n", "\r\n").encode()


def exim(*, subject: str = "Mail delivery failed: returning message to sender", said: str = "") -> bytes:
    """Give what Exim sends where it knows no reports: words, and the mail's copy behind them."""
    said = said or "SMTP error from remote mail server after RCPT TO:<someone@example.net>:\n    550 No such user here"
    return f"""\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: bounces@portal.example
X-Failed-Recipients: someone@example.net
Auto-Submitted: auto-replied
Subject: {subject}
Message-Id: <E1qWxyz-0001Ab-2C@mx.example.org>
Date: Wed, 03 Mar 2027 10:00:01 +0100

This message was created automatically by mail delivery software.

  someone@example.net
    {said}

------ This is a copy of the message, including all the headers. ------

{LETTER}""".encode()


def out_of_office() -> bytes:
    """Give what a person's mail program answers while she is away; it quotes our mail."""
    quoted = "\n".join(f"> {line}" for line in LETTER.splitlines())
    return f"""\
From: Someone <someone@example.net>
To: bounces@portal.example
Subject: Absence
Date: Wed, 03 Mar 2027 10:00:01 +0100
Auto-Submitted: auto-replied
In-Reply-To: <{NAME}>

Je suis absente jusqu'au 5.1.1.

{quoted}
""".encode()
