"""An authorization server: codes for a browser with PKCE (RFC 7636), codes for another device (RFC 8628), refresh tokens
of which each is good once, and what a token is worth (RFC 7662).

authorization.py CHAIN KEY CLIENT: serves everybody with TLS on 443, and this host alone on 8080, where it also takes orders.
"""

import base64
import hashlib
import json
import secrets
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CHAIN, KEY, CLIENT = sys.argv[1:]
LOCK = threading.Lock()
ACCESS = {}  # tokens that hold, and whose they are
REFRESH = {}
CODES = {}  # code: user, challenge, redirect
DEVICES = {}  # device code: user code, user
ISSUED = []


def name(kind):
    """A new secret."""
    made = f"{kind}.{secrets.token_urlsafe(24)}"
    ISSUED.append(made)
    return made


def tokens(user):
    """What is given to a program that may act for the user."""
    access, refresh = name("access"), name("refresh")
    ACCESS[access], REFRESH[refresh] = user, user
    return 200, {"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh}


def refused(error):
    """RFC 6749, 5.2."""
    return 400, {"error": error}


def by_code(asked):
    """RFC 6749, 4.1.3."""
    user, challenge, redirect = CODES.pop(asked.get("code"), (None, None, None))
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if user is None or proof != challenge or redirect != asked.get("redirect_uri"):
        return refused("invalid_grant")
    return tokens(user)


def by_device(asked):
    """RFC 8628, 3.4."""
    code = asked.get("device_code")
    if code not in DEVICES:
        return refused("expired_token")
    if DEVICES[code][1] is None:
        return refused("authorization_pending")
    return tokens(DEVICES.pop(code)[1])


def by_refresh(asked):
    """RFC 6749, 6. The former token is good no more."""
    user = REFRESH.pop(asked.get("refresh_token"), None)
    return refused("invalid_grant") if user is None else tokens(user)


GRANTS = {
    "authorization_code": by_code,
    "urn:ietf:params:oauth:grant-type:device_code": by_device,
    "refresh_token": by_refresh,
}


def device(_asked):
    """RFC 8628, 3.2."""
    code, shown = name("device"), "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(8))
    DEVICES[code] = [shown, None]
    url = "https://sso.home.example/device"
    return 200, {"device_code": code, "user_code": shown, "verification_uri": url, "expires_in": 600, "interval": 1}


def order(path, asked):
    """What a test has the server do."""
    user = asked.get("user")
    if path == "/approve":
        for one in DEVICES.values():
            if one[0] == asked["code"]:
                one[1] = user
                return 200, {}
        return 404, {}
    if path in ("/expire", "/revoke"):
        for kept in (ACCESS,) if path == "/expire" else (ACCESS, REFRESH):
            for token in [token for token, owner in kept.items() if owner == user]:
                del kept[token]
        return 200, {}
    if path == "/issued":
        return 200, ISSUED
    return 404, {}


class Answer(BaseHTTPRequestHandler):
    """Everything, by path."""

    def do_GET(self):
        """The page for browsers, what a token is worth, and orders."""
        url = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(url.query).items()}
        with LOCK:
            if url.path == "/authorize":
                return self.page(asked)
            if self.server.server_port != 8080:
                return self.say(404, {})
            if url.path == "/introspect":
                user = ACCESS.get(asked.get("token"))
                return self.say(200, {"active": True, "username": user} if user else {"active": False})
            return self.say(*order(url.path, asked))

    def do_POST(self):
        """Tokens and codes."""
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {key: values[0] for key, values in parse_qs(text).items()}
        with LOCK:
            if asked.get("client_id") != CLIENT:
                return self.say(*refused("invalid_client"))
            if self.path == "/device":
                return self.say(*device(asked))
            if self.path == "/token":
                grant = GRANTS.get(asked.get("grant_type"), lambda _: refused("unsupported_grant_type"))
                return self.say(*grant(asked))
            return self.say(404, {})

    def page(self, asked):
        """The user agrees at once: the browser is sent back (RFC 6749, 4.1.2)."""
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(asked.get(key) != value for key, value in wanted.items()):
            return self.say(400, asked)
        code = name("code")
        CODES[code] = (asked["login_hint"], asked["code_challenge"], asked["redirect_uri"])
        self.send_response(302)
        back = urlencode({"code": code, "state": asked["state"]})
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def say(self, status, answer):
        """An answer in JSON."""
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
CONTEXT.load_cert_chain(CHAIN, KEY)
OPEN = ThreadingHTTPServer(("0.0.0.0", 443), Answer)
OPEN.socket = CONTEXT.wrap_socket(OPEN.socket, server_side=True)
threading.Thread(target=OPEN.serve_forever, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", 8080), Answer).serve_forever()
