"""A TCP proxy on loopback in front of a broker: slow, or cutting connections, or letting them hang."""
import random
import socket
import struct
import threading
import time

HOST = "127.0.0.1"
MOST_RESETS = 5
LINGER_OFF = struct.pack("ii", 1, 0)  # close() sends a reset


class Proxy:
    """Use it as a context manager; `address` stands for the broker's. The broker's own address in its answers is
    replaced by ours, so that clients stay with us. `delay_s` holds every piece back; `reset_after` cuts a connection
    after about so many bytes, a few of them in all, so that whoever is patient gets through; `hold_after` lets so many
    bytes of answers through on each connection, and holds the others back; while `hanging`, pieces are held back and
    connections stay open. `asked` counts the pieces that clients sent: requests, roughly."""

    def __init__(self, broker, delay_s=0.0, reset_after=None, hold_after=None, seed=1):
        self.broker_port = broker.port
        self.delay_s = delay_s
        self.reset_after = reset_after
        self.hold_after = hold_after
        self.hanging = False
        self.resets = 0
        self.asked = 0
        self._random = random.Random(seed)
        self._ended = threading.Event()
        self._threads = []
        self._sockets = []
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"{HOST}:{self.port}"
        self._theirs = HOST.encode() + self.broker_port.to_bytes(4, "big")
        self._ours = HOST.encode() + self.port.to_bytes(4, "big")

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._sockets):
            one.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
                broker = socket.create_connection((HOST, self.broker_port), timeout=10)
            except OSError:
                continue
            for one in (client, broker):
                one.settimeout(0.2)
                self._sockets.append(one)
            self._start(self._pump, client, broker, True, None)
            self._start(self._pump, broker, client, False, self.hold_after)

    def _pump(self, source, target, asks, hold_after):
        cuts = self.reset_after is not None and self.resets < MOST_RESETS
        limit = self._random.randint(1, 2 * self.reset_after) if cuts else None
        passed = 0
        while not self._ended.is_set():
            try:
                piece = source.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not piece:
                break
            while (self.hanging or hold_after is not None and passed >= hold_after) and not self._ended.is_set():
                time.sleep(0.05)
            if self.delay_s:
                time.sleep(self.delay_s)
            passed += len(piece)
            self.asked += asks
            if limit is not None and passed > limit:
                self.resets += 1
                for one in (source, target):
                    try:
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_OFF)
                    except OSError:
                        pass
                break
            try:
                target.sendall(piece.replace(self._theirs, self._ours))
            except OSError:
                break
        source.close()
        target.close()
