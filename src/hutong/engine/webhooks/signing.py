"""How a delivery is signed. Two forms of the same HMAC-SHA256, for receivers of either kind:

- `Hutong-Signature: t=SECONDS,kid=KEY,v1=HEX` over `SECONDS.BODY`, with the secret as it was given (UTF-8);
- `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64` over `ID.SECONDS.BODY` (Standard Webhooks), with the bytes
  that follow `whsec_` in the secret, base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from hutong.kernel.base import SECOND, Instant

PREFIX = "whsec_"


def new_secret() -> str:
    """256 random bits as `whsec_…`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def new_key_id() -> str:
    return secrets.token_hex(4)


def signed(secret: str, key_id: str, id: str, at: Instant, body: bytes) -> dict[str, str]:
    """The headers of one delivery, made at a recorded time."""
    seconds = str(at // SECOND)
    own = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    standard = hmac.new(_bytes(secret), f"{id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "Hutong-Signature": f"t={seconds},kid={key_id},v1={own}",
        "webhook-id": id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(standard).decode()}",
    }


def _bytes(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
