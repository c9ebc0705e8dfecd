"""Certificate authorities made on the spot: the two of a cloud, and the foreign one that nobody trusts.

Their keys are RSA of 2048 bits, as in existing installations, and so are those of servers.
"""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CLOCK_SKEW = datetime.timedelta(hours=1)
_AUTHORITY_LIFETIME = datetime.timedelta(days=30)


def new_server_key():
    """The key of a server, or of an authority."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Authority:
    """A self-signed CA that lives as long as the program."""

    def __init__(self, common_name):
        self._key = new_server_key()
        self._name = _name(common_name)
        builder = _builder(self._name, self._name, self._key.public_key(), _AUTHORITY_LIFETIME)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def pem(self):
        """The CA's own certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def server_certificate(self, key, names):
        """A server's certificate for DNS `names`, in PEM."""
        builder = _builder(self._name, _name(names[0]), key.public_key(), _AUTHORITY_LIFETIME)
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def client_certificate(self, public_key, common_name, lifetime):
        """A gateway's certificate."""
        builder = _builder(self._name, _name(common_name), public_key, lifetime)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(issuer, subject, public_key, lifetime):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
    )
