"""A router that tells an address which it may not have.

router.py PORT WORD...

natpmp=ADDRESS     what it says by NAT-PMP
upnp=ADDRESS       what it says by UPnP, where its web server is at PORT
location=URL       where it says that its description is, in place of its own
"""

import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
DESCRIPTION = f"""<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList><service>
<serviceType>{SERVICE}</serviceType><controlURL>/control</controlURL>
</service></serviceList></device></root>"""
ANSWER = """<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<u:GetExternalIPAddressResponse xmlns:u="%s"><NewExternalIPAddress>%s</NewExternalIPAddress>
</u:GetExternalIPAddressResponse></s:Body></s:Envelope>"""


def in_datagrams(port, answer):
    """Answers every datagram that is sent to a port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("0.0.0.0", port))

    def serve():
        while True:
            question, peer = listener.recvfrom(2048)
            listener.sendto(answer(question, peer), peer)

    threading.Thread(target=serve, daemon=True).start()


def inner_address(peer):
    """The address of this router that somebody reaches it by."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.connect(peer)
    return probe.getsockname()[0]


port = int(sys.argv[1])
words = dict(word.split("=", 1) for word in sys.argv[2:])

if "natpmp" in words:
    told = socket.inet_aton(words["natpmp"])
    in_datagrams(5351, lambda question, peer: struct.pack("!BBHI", 0, 128, 0, 1) + told)

if "upnp" in words or "location" in words:

    def found(question, peer):
        """The answer to M-SEARCH."""
        url = words.get("location") or f"http://{inner_address(peer)}:{port}/description.xml"
        return f"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nEXT:\r\nLOCATION: {url}\r\n\r\n".encode()

    in_datagrams(1900, found)


class Web(BaseHTTPRequestHandler):
    """Its pages."""

    def say(self, page):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page.encode())

    def do_GET(self):
        self.say(DESCRIPTION)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say(ANSWER % (SERVICE, words.get("upnp", "")))


ThreadingHTTPServer(("0.0.0.0", port), Web).serve_forever()
