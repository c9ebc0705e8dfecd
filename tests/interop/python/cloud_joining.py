"""The services of the port that asks for no certificate: registration by token, and the bootstrapper."""

import base64
import datetime
import os

import grpc
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

import gateway_identity
from cloud_services import authority
from report import say

_CHALLENGE_BYTES = 512
_LIFETIME_MAX = datetime.timedelta(hours=97)


def add_to(server, contract, state, control_proxy):
    """Adds both services; `control_proxy` makes the YAML text that a registered gateway is given."""

    class Registration(contract.bootstrapper_grpc.RegistrationServicer):
        def Register(self, request, context):
            key = request.challenge_key
            response = contract.bootstrapper.RegisterResponse()
            if state.use_token(request.token):
                state.add_device(request.hwid.id, key.key.decode("ascii"))
                response.control_proxy = control_proxy()
            else:
                response.error = f"could not get token info from token {request.token}"
            kind = contract.bootstrapper.ChallengeKey.KeyType.Name(key.key_type)
            say(
                "registered",
                hardware_id=request.hwid.id,
                kind=kind,
                key=key.key.decode("ascii"),
                error=response.error,
            )
            return response

    class Bootstrapper(contract.bootstrapper_grpc.BootstrapperServicer):
        def __init__(self):
            self._challenges = set()

        def GetChallenge(self, request, context):
            kinds = contract.bootstrapper.ChallengeKey
            try:
                key = state.device(request.id)
            except KeyError:
                say("challenge_asked", hardware_id=request.id, known=False, authority=authority(context))
                context.abort(grpc.StatusCode.NOT_FOUND, f"Gateway with hwid {request.id} is not registered")
            say("challenge_asked", hardware_id=request.id, known=True, authority=authority(context))
            challenge = os.urandom(_CHALLENGE_BYTES)
            self._challenges.add(challenge)
            kind = kinds.SOFTWARE_ECDSA_SHA256 if key else kinds.ECHO
            return contract.bootstrapper.Challenge(key_type=kind, challenge=challenge)

        def RequestSign(self, request, context):
            fault, facts = _examine(request, request.challenge in self._challenges, state)
            say("challenge_answered", hardware_id=request.hw_id.id, fault=fault, **facts)
            if fault:
                context.abort(grpc.StatusCode.ABORTED, f"Failed to verify challenge/response: {fault}")
            return _sign(contract, state, request)

    contract.bootstrapper_grpc.add_RegistrationServicer_to_server(Registration(), server)
    contract.bootstrapper_grpc.add_BootstrapperServicer_to_server(Bootstrapper(), server)


def _examine(request, ours, state):
    """What speaks against the answer, or None; and all that can be told of it."""
    try:
        registered = state.device(request.hw_id.id)
    except KeyError:
        return "no such gateway", {}
    kind = request.WhichOneof("response")
    csr = x509.load_der_x509_csr(request.csr.csr_der)
    common_names = [name.value for name in csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    key = csr.public_key()
    facts = {
        "kind": kind,
        "identity": request.csr.id.gateway.hardware_id,
        "cert_type": request.csr.cert_type,
        "lifetime_seconds": request.csr.valid_time.ToSeconds(),
        "subject": csr.subject.rfc4514_string(),
        "key_curve": key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else None,
        "key_is_fresh": base64.b64encode(_spki(key)).decode() != registered,
    }
    if kind == "ecdsa_response":
        numbers = request.ecdsa_response.r, request.ecdsa_response.s
        facts["minimal_integers"] = all(number and number[0] for number in numbers)
    if not ours:
        return "not a challenge of ours", facts
    if not (_echoed(request) if registered is None else _signed(request, registered)):
        return "the answer is not that of the registered key", facts
    if not csr.is_signature_valid:
        return "the signing request is not signed by its key", facts
    if common_names != [request.hw_id.id] or request.csr.id.gateway.hardware_id != request.hw_id.id:
        return "the signing request is for somebody else", facts
    return None, facts


def _echoed(request):
    return request.WhichOneof("response") == "echo_response" and request.echo_response.response == request.challenge


def _signed(request, registered):
    if request.WhichOneof("response") != "ecdsa_response":
        return False
    numbers = (int.from_bytes(number, "big") for number in (request.ecdsa_response.r, request.ecdsa_response.s))
    key = serialization.load_der_public_key(base64.b64decode(registered))
    try:
        key.verify(utils.encode_dss_signature(*numbers), request.challenge, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _sign(contract, state, request):
    csr = x509.load_der_x509_csr(request.csr.csr_der)
    wanted = request.csr.valid_time.ToTimedelta()
    lifetime = wanted if datetime.timedelta(0) < wanted <= _LIFETIME_MAX else _LIFETIME_MAX
    certificate = state.certifier.client_certificate(csr.public_key(), request.hw_id.id, lifetime)
    state.add_serial(certificate.serial_number)
    answer = contract.certifier.Certificate(cert_der=gateway_identity.der(certificate))
    answer.sn.sn = f"{certificate.serial_number:X}"
    answer.not_before.FromDatetime(certificate.not_valid_before_utc)
    answer.not_after.FromDatetime(certificate.not_valid_after_utc)
    return answer


def _spki(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
