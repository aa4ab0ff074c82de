"""What other programs tell the portal, each signed by a secret that both know: HMAC-SHA256 over the body as it came."""

import hmac

from flask import abort, request

SIGNATURE = "X-Previsit-Signature"


def signed_body(secret: str) -> bytes:
    """Give the body of this request when it is signed with the secret.

    A request without a signature is none that was meant for us (400); a wrong one, and any while no secret is set, is
    refused (403).
    """
    given = request.headers.get(SIGNATURE) or abort(400)
    body = request.get_data()
    right = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    if not secret or not hmac.compare_digest(given.encode(), right.encode()):
        abort(403)
    return body
