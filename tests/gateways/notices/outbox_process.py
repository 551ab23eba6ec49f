"""A worker of a town's outbox in a process of its own: `outbox_process.py FOLDER SMS_URL`; with KILL it dies after sending."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.api.town import open_town, tiny_city

from hutong.engine.outbox import Outbox
from hutong.gateways.notices.sms import Sms
from hutong.kernel.base import Label
from hutong.kernel.case import Message
from hutong.kernel.definition.faces import FacesFile, SmsPort
from hutong.kernel.ports import Outgoing
from hutong.kernel.query import equals


class Deadly:
    """The SMS port, whose worker is killed when the gateway has the message."""

    channels = frozenset({"sms"})

    def __init__(self, url: str) -> None:
        self.sms = Sms(SmsPort(url=url))

    def send(self, outgoing: Outgoing) -> None:
        self.sms.send(outgoing)
        if os.environ.get("KILL"):
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, url: str) -> None:
    town = open_town(Path(folder), *tiny_city())
    faces = FacesFile(sms=SmsPort(url=url))
    Outbox(town.store, town.clock, Deadly(url), faces, lambda one: Label(one.code)).step()
    with town.store.reader() as reader:
        row = reader.find(Message, equals("channel", "sms")).rows[0]
    print(row.state, row.attempts)
    town.close()


main(*sys.argv[1:])
