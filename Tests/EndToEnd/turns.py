"""TLS for clients whose one thread reads while another writes."""

import select
import ssl
import threading


class TakesTurns(ssl.SSLSocket):
    """A TLS socket for two threads. Python lets both into one connection of OpenSSL at once, which OpenSSL forbids: of a thousand
    requests that were written while a session ticket was read, one never left the client."""

    def do_handshake(self, block=False):
        self.turn = threading.Lock()  # Python calls no initialiser of this class
        super().do_handshake(block)

    def recv(self, size=1024, flags=0):
        """Waits for bytes outside of the turn, in which the other thread may write."""
        while True:
            with self.turn:
                timeout = self.gettimeout()
                self.settimeout(0)
                try:
                    return super().recv(size, flags)
                except ssl.SSLWantReadError:
                    pass
                finally:
                    self.settimeout(timeout)
            if not select.select([self], [], [], timeout)[0]:
                raise TimeoutError("nothing came")

    def sendall(self, data, flags=0):
        with self.turn:
            super().sendall(data, flags)
