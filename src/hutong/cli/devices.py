"""hutong device list | admit | block | hash: devices of a stopped city; while it runs, the console and the API do this."""

from __future__ import annotations

from typing import Annotated

import typer

from hutong.cli.root import CityFolder, Database, device, screen

Protocol = Annotated[str, typer.Argument(help="Protocol of the device: hj212, jt808 …")]
Address = Annotated[str, typer.Argument(help="What names it on the wire: MN, phone number, station address.")]


@device.command("list")
def device_list(
    folder: CityFolder,
    state: Annotated[str | None, typer.Option(help="quarantined, admitted or blocked.")] = None,
    database: Database = None,
) -> None:
    """List the devices of a city, those in quarantine first: protocol, address, state, name, thing, profile."""
    from hutong.app.devices import listed

    for row in listed(folder, state, database):
        screen.print("  ".join(one or "-" for one in row), markup=False, highlight=False, soft_wrap=True)


@device.command("admit")
def device_admit(
    folder: CityFolder,
    protocol: Protocol,
    address: Address,
    thing: Annotated[str, typer.Option(help="Code of the thing it observes.")],
    profile: Annotated[str, typer.Option(help="Name of a profile of devices.yaml.")],
    secret: Annotated[
        str | None,
        typer.Option(
            envvar="HUTONG_DEVICE_SECRET", help="What it must show (default: nothing, or as it was)."
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Admit a device, heard or not: from now on its values are kept."""
    from hutong.app.devices import admit

    kept = admit(folder, protocol, address, thing, profile, secret, database)
    screen.print(f"{protocol} {address} is admitted with {len(kept.channels)} channels", markup=False)


@device.command("block")
def device_block(
    folder: CityFolder,
    protocol: Protocol,
    address: Address,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    database: Database = None,
) -> None:
    """Refuse whatever a device sends, and offer it for admission no more."""
    from hutong.app.devices import block

    block(folder, protocol, address, note, database)
    screen.print(f"{protocol} {address} is blocked", markup=False)


@device.command("hash")
def device_hash(
    secret: Annotated[
        str,
        typer.Option(
            envvar="HUTONG_DEVICE_SECRET", prompt=True, confirmation_prompt=True, hide_input=True,
            help="What the device shows; asked for if neither given here nor in the environment.",
        ),
    ],
) -> None:  # fmt: skip
    """Print the salted hash of a secret, for `secret_hash` in devices.yaml."""
    from hutong.engine.flow.devices import hash_secret

    screen.print(hash_secret(secret), markup=False, highlight=False, soft_wrap=True)
