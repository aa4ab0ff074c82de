"""A portal that really listens and can be out of reach for a while: to a page, a stopped server is no network."""

import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server


class ListeningPortal:
    """The portal at an address that stays the same while its server is stopped and started again."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._server: BaseWSGIServer | None = None
        self._port = 0
        self.start()

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen, on the port that was listened on before if there was one."""
        self._server = make_server("127.0.0.1", self._port, self._app, threaded=True)
        self._port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        """Answer what has been asked, and then nothing."""
        if self._server:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None
