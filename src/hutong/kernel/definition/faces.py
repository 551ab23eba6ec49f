"""faces.yaml: how a city speaks with the outside: SMS, e-mail, webhooks, what the public may report. Secrets are read from the
environment; the file only names the variables."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hutong.kernel.case import CategoryKind
from hutong.kernel.definition.thing import Strict

OutsideChannel = Literal["sms", "email", "webhook"]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class SmsPort(Strict, frozen=True, kw_only=True):
    """An SMS gateway that takes `POST {"id", "to", "text"}` (docs/how-to/notices.md)."""

    url: str
    """Where messages are posted."""
    key_env: str = "HUTONG_SMS_KEY"
    """Environment variable with the key that is sent as `Authorization: Bearer`."""
    signature: str = ""
    """Put before every text, 【…】 where the provider asks for it."""


class MailServer(Strict, frozen=True, kw_only=True):
    """A mail server that takes our mail (SMTP submission, RFC 6409)."""

    host: str
    """Its name; the certificate must be for it."""
    port: Port = 587
    """587 with `starttls`, 465 with `tls`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only where the server is on this machine or a network of its own."""
    sender: str
    """Address that mail comes from."""
    user_env: str = "HUTONG_MAIL_USER"
    """Environment variable with the user's name; without one, nobody signs in."""
    password_env: str = "HUTONG_MAIL_PASSWORD"
    """Environment variable with the password."""


class NoticeHook(Strict, frozen=True, kw_only=True):
    """A robot of the city's own chat or message bus, which takes notices as signed JSON."""

    url: str
    """Where notices are posted; it must be one that webhooks may reach."""
    secret_env: str = "HUTONG_NOTICE_SECRET"
    """Environment variable with the secret that signs them."""


class WebhookRules(Strict, frozen=True, kw_only=True):
    """Where webhooks may go. The public internet always; a government intranet only where the city says so."""

    networks: tuple[str, ...] = ()
    """Networks of the city that may be reached though they are private (`10.20.0.0/16`)."""
    ports: tuple[Port, ...] = (443, 8443)
    """Ports that may be reached."""
    plain_http: bool = False
    """Whether `http://` may be used at all."""
    give_up_hours: float = 72
    """A subscription that failed for so long is switched off, and its owner is told."""


class PublicReports(Strict, frozen=True, kw_only=True):
    """What people may report without an account, and through Open311."""

    open: bool = True
    """Whether there is a public report page at all."""
    kinds: tuple[CategoryKind, ...] = ("matter",)
    """Kinds of categories that are listed; a matter `…异常` stands for each component already."""
    categories: tuple[str, ...] = ()
    """Only these, as `matter:06` (the code may be a prefix); empty: all of these kinds."""
    shortcuts: tuple[str, ...] = (
        "matter:06010",
        "matter:06011",
        "matter:06012",
        "matter:06017",
        "matter:06036",
        "matter:06042",
        "matter:06045",
        "matter:07003",
        "matter:09005",
        "matter:09006",
    )
    """Matters that have a button of their own (the ten most frequent ones)."""
    near_metres: float = 80
    """Open reports of the same matter within this distance are shown before a new one is made."""
    burst: int = 6
    """Reports that one address may send at once …"""
    minutes: float = 10
    """… and minutes until it may send one more."""


class FacesFile(Strict, frozen=True, kw_only=True):
    """faces.yaml"""

    public_url: str = ""
    """Where people reach this installation (`https://city.example`): texts to them link there."""
    sms: SmsPort | None = None
    """The SMS gateway; without one no SMS is sent."""
    email: MailServer | None = None
    """The mail server; without one no mail is sent."""
    webhook: NoticeHook | None = None
    """A robot that is told of what `staff` names."""
    staff: dict[str, tuple[OutsideChannel, ...]] = {}
    """Kind of notice (`told`, `warn`, `overdue`, `escalated`, `review`, `call`) → channels beside the console's own page."""
    attempts: Annotated[int, msgspec.Meta(ge=1, le=30)] = 8
    """How often sending is tried before a message has failed."""
    webhooks: WebhookRules = WebhookRules()
    """Where webhooks may go."""
    reports: PublicReports = PublicReports()
    """What the public may report."""
