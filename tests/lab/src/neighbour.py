"""Another program at the same mail account: Python's imaplib, which shares nothing with Postrider.

neighbour.py HOST PORT USER PASSWORD AUTHORITY, with a list of steps on its input (JSON). A step is a method of imaplib with
its arguments. Prints every letter that is there afterwards, a line of JSON each: mailbox, UID, Message-ID, flags.
"""

import base64
import imaplib
import json
import re
import ssl
import sys


def encoded(name):
    """A mailbox name in modified UTF-7 (RFC 3501, 5.1.3), quoted."""

    def shifted(match):
        octets = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return "&" + octets.replace("/", ",") + "-"

    return '"' + re.sub(r"[^ -~]+", shifted, name.replace("&", "&-")) + '"'


def decoded(name):
    """The mailbox of a name on the wire."""

    def plain(match):
        if not match[1]:
            return "&"
        octets = match[1].replace(",", "/")
        return base64.b64decode(octets + "=" * (-len(octets) % 4)).decode("utf-16-be")

    return re.sub(r"&([^-]*)-", plain, name)


def must(answer):
    """What a command brought, which has to go well."""
    kind, data = answer
    if kind != "OK":
        sys.exit(f"{kind}: {data}")
    return data


def mailboxes(server):
    """The names of all mailboxes that can be opened."""
    for line in must(server.list()):
        attributes, name = re.fullmatch(rb'\(([^)]*)\) (?:"."|NIL) (.*)', line).groups()
        if rb"\noselect" not in attributes.lower() and rb"\nonexistent" not in attributes.lower():
            yield name.decode().strip('"')


def letters(server, name):
    """What is in a mailbox."""
    [count] = must(server.select(f'"{name}"', readonly=True))
    if count == b"0":
        return
    asked = "(UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
    for found in must(server.fetch("1:*", asked)):
        if isinstance(found, tuple):
            uid = int(re.search(rb"UID (\d+)", found[0])[1])
            flags = re.search(rb"FLAGS \(([^)]*)\)", found[0])[1].decode().split()
            message_id = re.search(rb"<([^>]*)>", found[1])
            yield [decoded(name), uid, message_id[1].decode() if message_id else "", flags]


def main():
    host, port, user, password, authority = sys.argv[1:]
    server = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=authority))
    must(server.login(user, password))
    for method, *arguments in json.load(sys.stdin):
        # imaplib leaves it to its user how a name is written.
        named = {"select": [0], "append": [0], "create": [0], "delete": [0], "rename": [0, 1], "copy": [1]}
        for place in named.get(method, []) if method != "uid" else []:
            arguments[place] = encoded(arguments[place])
        if method == "uid" and arguments[0] in ("COPY", "MOVE"):
            arguments[2] = encoded(arguments[2])
        if method == "append":
            arguments[3] = arguments[3].replace("\n", "\r\n").encode()
        must(getattr(server, method)(*arguments))
    if server.state == "SELECTED":
        server.unselect()
    for name in list(mailboxes(server)):
        for letter in letters(server, name):
            print(json.dumps(letter))
    server.logout()


main()
