"""Private keys of the tls package, made by a real library where it is installed; certificates are refused."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from trainyard.sandbox.provider.order import Made, Order, Refused, hexadecimal
from trainyard.servicer.values import Secret

_CURVES: Final = {"P224": "SECP224R1", "P256": "SECP256R1", "P384": "SECP384R1", "P521": "SECP521R1"}


def make(order: Order) -> Made:
    """One key; an update changes nothing of it."""
    if not order.type.token.endswith(":PrivateKey"):
        msg = f"the sandbox signs no certificates, so it cannot make a {order.type.token}; it makes tls.PrivateKey only"
        raise Refused(msg)
    if order.before:
        return Made(id=order.before.id, name=order.name, outputs=order.before.outputs)
    return Made(id=hexadecimal(40), name=order.name, outputs=_key(order))


def _key(order: Order) -> dict[str, Any]:
    try:
        from cryptography.hazmat.primitives import serialization as form
    except ImportError as missing:
        msg = "a tls.PrivateKey needs the Python package cryptography in the sandbox's environment; it is not installed"
        raise Refused(msg) from missing
    key = _generate(order)
    ed25519 = order.text("algorithm").upper() == "ED25519"
    traditional = form.PrivateFormat.PKCS8 if ed25519 else form.PrivateFormat.TraditionalOpenSSL
    private = {
        "privateKeyPem": (form.Encoding.PEM, traditional),
        "privateKeyPemPkcs8": (form.Encoding.PEM, form.PrivateFormat.PKCS8),
        "privateKeyOpenssh": (form.Encoding.PEM, form.PrivateFormat.OpenSSH),
    }
    public = key.public_key()
    openssh = public.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
    raw = base64.b64decode(openssh.split()[1])
    md5 = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    return {
        **{
            name: Secret(key.private_bytes(encoding, shape, form.NoEncryption()).decode())
            for name, (encoding, shape) in private.items()
        },
        "publicKeyPem": public.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode(),
        "publicKeyOpenssh": f"{openssh}\n",
        "publicKeyFingerprintMd5": ":".join(md5[at : at + 2] for at in range(0, len(md5), 2)),
        "publicKeyFingerprintSha256": f"SHA256:{base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip('=')}",
    }


def _generate(order: Order) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    algorithm = order.text("algorithm").upper()
    if algorithm == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=int(order.plain("rsaBits") or 2048))
    if algorithm == "ECDSA":
        curve = order.text("ecdsaCurve", "P224")
        if curve in _CURVES:
            return ec.generate_private_key(getattr(ec, _CURVES[curve])())
        msg = f'ecdsaCurve "{curve}" is not known; give {", ".join(_CURVES)}'
        raise Refused(msg)
    if algorithm == "ED25519":
        return ed25519.Ed25519PrivateKey.generate()
    msg = f'algorithm "{algorithm}" is not known; give RSA, ECDSA or ED25519'
    raise Refused(msg)
