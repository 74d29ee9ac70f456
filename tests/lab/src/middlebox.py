"""Something on the way that answers at port 25 in the place of mail hosts, as hotels and firewalls have it.

middlebox.py PORT answers    greets everybody by its own name, and offers no encryption
middlebox.py PORT strips     passes everything on to the host that was meant, and takes out its offer to encrypt
middlebox.py PORT tells NAME SECONDS
                             is a mail host of this name, whose greeting says what time it was so many seconds ago
"""

import email.utils
import socket
import struct
import sys
import threading
import time

SO_ORIGINAL_DST = 80


def answer(peer, greeting, name):
    """Talks as a mail host that takes nothing."""
    peer.sendall(f"220 {greeting}\r\n".encode())
    for line in peer.makefile("rb"):
        verb = line.split()[:1]
        if verb == [b"QUIT"]:
            peer.sendall(b"221 bye\r\n")
            return
        peer.sendall(f"250-{name}\r\n250 SIZE 1000000\r\n".encode() if verb == [b"EHLO"] else b"502 no\r\n")


def answers(peer):
    """In the place of whoever was meant."""
    answer(peer, "proxy.hotel.example ESMTP", "proxy.hotel.example")


def tells(peer, name, seconds):
    """Says what time it is there."""
    there = email.utils.formatdate(time.time() - float(seconds), usegmt=False)
    answer(peer, f"{name} ESMTP {there}", name)


def strips(peer):
    """Lets everything through but one line."""
    port, address = struct.unpack("!2xH4s8x", peer.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16))
    try:
        host = socket.create_connection((socket.inet_ntoa(address), port), timeout=5)
    except OSError:
        return
    host.settimeout(None)

    def back():
        for line in host.makefile("rb"):
            if line.rstrip() != b"250-STARTTLS":
                peer.sendall(line)
        peer.close()

    threading.Thread(target=back, daemon=True).start()
    for line in peer.makefile("rb"):
        host.sendall(line)
    host.close()


def serve(port, way, rest):
    """Speaks with everybody at once."""
    listener = socket.create_server(("0.0.0.0", port), backlog=50)

    def speak(peer):
        try:
            way(peer, *rest)
        except OSError:
            pass
        finally:
            peer.close()

    while True:
        threading.Thread(target=speak, args=(listener.accept()[0],), daemon=True).start()


serve(int(sys.argv[1]), {"answers": answers, "strips": strips, "tells": tells}[sys.argv[2]], sys.argv[3:])
