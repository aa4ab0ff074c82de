"""A small IMAP server for tests: one account, one folder, mails that are seen or not, TLS and faults on demand."""

import asyncio
import re
import ssl
import threading
from dataclasses import dataclass, field

USER, PASSWORD = "bounces", 'p"ss word'


@dataclass
class ImapServer:
    """Serves `mails` by UID on a free port of this machine; hangs up at `hangs_up_at`, a command's first words."""

    mails: dict[int, bytes]
    hangs_up_at: str = ""
    tls: ssl.SSLContext | None = None
    seen: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> "ImapServer":
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[started])
        self._thread.start()
        assert started.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(5)
        self._loop.close()

    def _run(self, started: threading.Event) -> None:
        self._loop.run_until_complete(self._serve(started))

    async def _serve(self, started: threading.Event) -> None:
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._ended.wait()
        server.close()
        await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode():
            tag, _, command = line.strip().partition(" ")
            self.said.append(command)
            if self.hangs_up_at and command.startswith(self.hangs_up_at):
                break
            untagged, status = self._answer(command)
            writer.write(untagged + f"{tag} {status} done\r\n".encode())
            if command == "LOGOUT":
                break
        writer.close()
        await writer.wait_closed()

    def _answer(self, command: str) -> tuple[bytes, str]:
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n", "OK"
        if command.startswith(("LOGIN", "SELECT")):
            return b"", "OK" if command in (f'LOGIN {USER} "p\\"ss word"', 'SELECT "INBOX"') else "NO"
        if command == "UID SEARCH UNSEEN":
            unseen = sorted(self.mails.keys() - self.seen)
            return f"* SEARCH{''.join(f' {uid}' for uid in unseen)}\r\n".encode(), "OK"
        if fetched := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            uid, content = int(fetched[1]), self.mails[int(fetched[1])][: int(fetched[2])]
            return f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(content)}}}\r\n".encode() + content + b")\r\n", "OK"
        if stored := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            self.seen.add(int(stored[1]))
            return b"", "OK"
        return b"", "OK" if command == "LOGOUT" else "BAD"
