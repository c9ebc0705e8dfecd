"""A gateway's keys and what it does with them, in the forms that existing Python agents use.

The challenge key is P-384, the key of the TLS certificate P-256 and fresh at each bootstrap; a challenge is signed
over SHA-256 whatever the curve; r and s travel as unsigned big-endian integers without leading zeros.
"""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


# What Go agents write before their common name.
GO_ORGANIZATION = (
    (NameOID.COUNTRY_NAME, "US"),
    (NameOID.ORGANIZATION_NAME, "MagmaGatewayClient"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "go.gateway.magma.fb.com"),
)


def new_challenge_key():
    """The long-lived key that a gateway is known by."""
    return ec.generate_private_key(ec.SECP384R1())


def new_gateway_key():
    """The key of one certificate."""
    return ec.generate_private_key(ec.SECP256R1())


def go_gateway_key():
    """The key of one certificate, as Go agents make it."""
    return ec.generate_private_key(ec.SECP384R1())


def public_key_base64(key):
    """SubjectPublicKeyInfo as base64 text, the form in which keys are registered."""
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der)


def private_pem(key):
    """As agents keep it on disk: SEC1, unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def sign(challenge_key, challenge):
    """The two integers of an ECDSA signature, as they go on the wire."""
    signature = challenge_key.sign(challenge, ec.ECDSA(hashes.SHA256()))
    return tuple(_minimal_big_endian(number) for number in utils.decode_dss_signature(signature))


def signing_request(gateway_key, common_name, organization=(), authority=False):
    """A PKCS#10 request in DER. Python agents name nothing but themselves; Go agents an `organization` too.

    With `authority` it asks for a certificate that may sign others: no gateway does, and none must get one.
    """
    attributes = [*organization, (NameOID.COMMON_NAME, common_name)]
    subject = x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if authority:
        request = request.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return request.sign(gateway_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def pem(certificate_der):
    """A certificate as it lies on disk."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    return certificate.public_bytes(serialization.Encoding.PEM)


def der(certificate):
    """A certificate as it goes on the wire."""
    return certificate.public_bytes(serialization.Encoding.DER)


def serial(certificate_pem):
    """A serial number as Magma writes it: upper-case hexadecimal without leading zeros."""
    return f"{x509.load_pem_x509_certificate(certificate_pem).serial_number:X}"


def certificate_facts(certificate_der, gateway_key):
    """What a gateway can see of the certificate that it was given."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:X}",
        "started_seconds_ago": round((now - certificate.not_valid_before_utc).total_seconds()),
        "ends_in_seconds": round((certificate.not_valid_after_utc - now).total_seconds()),
        "for_this_key": certificate.public_key() == gateway_key.public_key(),
        "only_for_clients": list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH],
        "is_authority": any(
            isinstance(extension.value, x509.BasicConstraints) and extension.value.ca
            for extension in certificate.extensions
        ),
    }


def _minimal_big_endian(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
