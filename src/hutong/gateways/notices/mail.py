"""E-mail by SMTP submission (RFC 6409), with TLS; the Message-ID is the same at every try (RFC 5322)."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from hutong.kernel.definition.faces import MailServer
from hutong.kernel.errors import Refused, Unavailable
from hutong.kernel.ports import Outgoing

SECONDS = 20.0
SUBJECT = "胡同 · 办理通知 Hutong"


class Mail:
    """Hands mail to the city's own server."""

    def __init__(self, server: MailServer, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._context = context

    def send(self, outgoing: Outgoing) -> None:
        message = self._message(outgoing)
        try:
            with self._connected() as server:
                self._sign_in(server)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            _refused(max(codes, default=550), "the server does not take mail for this address")
        except smtplib.SMTPResponseException as error:
            _refused(error.smtp_code, f"the server answered {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("email", f"no mail server: {type(error).__name__}") from None

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        try:
            to = Address(addr_spec=outgoing.address)
        except (ValueError, IndexError):
            raise Refused("email", "is no address", "mend it with the person") from None
        message["From"] = self._server.sender
        message["To"] = to
        message["Subject"] = SUBJECT
        message["Message-ID"] = f"<{outgoing.key}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(outgoing.text)
        return message

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        context = self._context or ssl.create_default_context()
        if self._server.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
        server = smtplib.SMTP(host, port, timeout=SECONDS)
        if self._server.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        user = os.environ.get(self._server.user_env)
        if user:
            server.login(user, os.environ.get(self._server.password_env, ""))


def _refused(code: int, reason: str) -> None:
    """4yz may be taken later; 5yz never (RFC 5321, 4.2.1)."""
    if code < 500:
        raise Unavailable("email", reason) from None
    raise Refused("email", reason) from None
