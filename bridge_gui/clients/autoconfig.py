"""The autoconfig document (`config-v1.1.xml`), for programs that can be pointed to one.

It is a file to save, or is served on loopback by a command for as long as that command runs: no port of Bridge Manager
stands open for it. There is nothing in it that a program could not type by itself; a password never is.

Format: the wiki page `Autoconfiguration:ConfigFileFormat` of Thunderbird, version 1.1.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bridge_gui.clients.base import AccountSetup

PATHS = ("/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml")
_SOCKET_TYPE = {"STARTTLS": "STARTTLS", "TLS": "SSL"}


def document(account: AccountSetup) -> bytes:
    """The document for one account."""
    first = account.identities[0].email
    root = ET.Element("clientConfig", version="1.1")
    provider = ET.SubElement(root, "emailProvider", id="bridge-gui")
    for domain in dict.fromkeys(identity.email.rpartition("@")[2] for identity in account.identities):
        ET.SubElement(provider, "domain").text = domain
    ET.SubElement(provider, "displayName").text = f"{first} (Bridge Manager)"
    ET.SubElement(provider, "displayShortName").text = "Bridge Manager"
    for wanted, tag, kind, server in (
        (account.access.reads, "incomingServer", "imap", account.imap),
        (account.access.sends, "outgoingServer", "smtp", account.smtp),
    ):
        if wanted:
            entry = ET.SubElement(provider, tag, type=kind)
            for name, value in (
                ("hostname", server.host),
                ("port", str(server.port)),
                ("socketType", _SOCKET_TYPE[server.security]),
                ("authentication", "password-cleartext"),
                ("username", account.username),
            ):
                ET.SubElement(entry, name).text = value
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def server(content: bytes, port: int = 0) -> ThreadingHTTPServer:
    """An HTTP server on loopback that answers with the document: at the two usual paths, and at `/v1.1/<domain>`, where
    a program looks that takes this server for the database of providers. Who runs it calls `serve_forever`.

    The name a program asks by has to be this computer's own, so that no page of the web gets it by a name that it has
    pointed here.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
            path = self.path.partition("?")[0]
            if host not in ("127.0.0.1", "localhost"):
                self.send_error(403)
            elif path in PATHS or path.startswith("/v1.1/"):
                self.send_response(200)
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            else:
                self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the address of a program's question is no business of the terminal's."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
