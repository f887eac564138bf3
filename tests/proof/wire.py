"""A proxy before PostgreSQL that can swallow the answer to COMMIT: the client never learns that it was stored."""

from __future__ import annotations

import contextlib
import socket
import threading

BUFFER = 65536


class Wire:
    """Passes bytes on. While `swallow` is set, the next connection that commits loses the answer and is cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.swallow = threading.Event()
        self.swallowed = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            _Pair(self, client, server)


class _Pair:
    """One connection of the client and ours to the server."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self.wire, self.client, self.server = wire, client, server
        self.is_cut = False
        threading.Thread(target=self._up, daemon=True).start()
        threading.Thread(target=self._down, daemon=True).start()

    def _up(self) -> None:
        """From client to server; notices a COMMIT while swallowing is asked for."""
        with contextlib.suppress(OSError):
            while data := self.client.recv(BUFFER):
                if self.wire.swallow.is_set() and _is_commit(data):
                    self.wire.swallow.clear()
                    self.wire.swallowed += 1
                    self.is_cut = True
                self.server.sendall(data)
        self._end(self.server)

    def _down(self) -> None:
        """From server to client; what would say that the commit was done is lost, and the connection with it."""
        with contextlib.suppress(OSError):
            while data := self.server.recv(BUFFER):
                if self.is_cut:
                    break
                self.client.sendall(data)
        self._end(self.client)

    @staticmethod
    def _end(other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
        other.close()


def _is_commit(data: bytes) -> bool:
    """Whether a message of the simple protocol is COMMIT: 'Q', four bytes of length, the text, a zero.

    >>> _is_commit(b"Q" + (11).to_bytes(4, "big") + b"COMMIT\\0")
    True
    """
    return data[:1] == b"Q" and data[5:].rstrip(b"\0 ;").upper() == b"COMMIT"
