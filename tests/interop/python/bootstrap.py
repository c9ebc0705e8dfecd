"""Registration by token and bootstrap, from the gateway's side: the good way, and every way that must be refused."""

import grpc

import gateway_identity as identity
from cloud_channels import Credentials
from report import refused, say

_DEADLINE_SECONDS = 20
_LIFETIME_SECONDS = 4 * 24 * 3600


class Joining:
    """One gateway on its way into a cloud."""

    def __init__(self, contract, cloud, hardware_id):
        self.hardware_id = hardware_id
        self.challenge_key = identity.new_challenge_key()
        self._contract = contract
        self._channel = cloud.open_port()
        self._bootstrapper = contract.bootstrapper_grpc.BootstrapperStub(self._channel)

    def close(self):
        """Gives the connection back."""
        self._channel.close()

    def register(self, step, token, hardware_id=None):
        """Asks to be the gateway that `token` is for; what speaks against it comes in the answer."""
        messages = self._contract.bootstrapper
        request = messages.RegisterRequest(
            token=token,
            hwid=self._contract.identity.AccessGatewayID(id=hardware_id or self.hardware_id),
            challenge_key=messages.ChallengeKey(
                key_type=messages.ChallengeKey.SOFTWARE_ECDSA_SHA256,
                key=identity.public_key_base64(self.challenge_key),
            ),
        )
        stub = self._contract.bootstrapper_grpc.RegistrationStub(self._channel)
        try:
            response = stub.Register(request, timeout=_DEADLINE_SECONDS)
        except grpc.RpcError as error:
            refused(step, error)
            return
        outcome = response.WhichOneof("response")
        say(step, code="OK", outcome=outcome, text=getattr(response, outcome or "error"))

    def get_challenge(self, step):
        """Only the first half; tells of which kind the challenge is."""
        try:
            challenge = self._challenge()
        except grpc.RpcError as error:
            refused(step, error)
            return
        kinds = self._contract.bootstrapper.ChallengeKey.KeyType
        say(step, code="OK", kind=kinds.Name(challenge.key_type), length=len(challenge.challenge))

    def by_ecdsa(self, step, key=None, forge=None, csr=None, gateway_key=None):
        """The whole exchange, with the challenge signed by `key` (the gateway's own, if it is not given).

        `forge` alters the challenge that is signed and sent back; `csr` replaces the signing request for the
        certificate's key, which is a fresh one if it is not given.
        """

        def answer(challenge):
            r, s = identity.sign(key or self.challenge_key, challenge)
            messages = self._contract.bootstrapper
            return {"ecdsa_response": messages.Response.ECDSA(r=r, s=s)}

        return self._exchange(step, answer, forge, csr, gateway_key or identity.new_gateway_key())

    def as_go_agents_do(self, step):
        """The same with the longer subject and the longer key of the other existing agent."""

        def csr(gateway_key):
            return self.csr(gateway_key, organization=identity.GO_ORGANIZATION)

        return self.by_ecdsa(step, csr=csr, gateway_key=identity.go_gateway_key())

    def by_echo(self, step, csr=None):
        """The whole exchange for a gateway that has no key."""

        def answer(challenge):
            return {"echo_response": self._contract.bootstrapper.Response.Echo(response=challenge)}

        return self._exchange(step, answer, None, csr, identity.new_gateway_key())

    def csr(self, gateway_key, *, named=None, common_name=None, **more):
        """A signing request, which may name somebody else as its identity, or as its common name."""
        contract = self._contract
        gateway = contract.identity.Identity.Gateway(hardware_id=self.hardware_id)
        request = contract.certifier.CSR(
            id=named or contract.identity.Identity(gateway=gateway),
            csr_der=identity.signing_request(gateway_key, common_name or self.hardware_id, **more),
        )
        request.valid_time.FromSeconds(_LIFETIME_SECONDS)
        return request

    def _challenge(self):
        gateway = self._contract.identity.AccessGatewayID(id=self.hardware_id)
        return self._bootstrapper.GetChallenge(gateway, timeout=_DEADLINE_SECONDS)

    def _exchange(self, step, answer, forge, csr, gateway_key):
        try:
            challenge = self._challenge().challenge
            challenge = forge(challenge) if forge else challenge
            response = self._contract.bootstrapper.Response(
                hw_id=self._contract.identity.AccessGatewayID(id=self.hardware_id),
                challenge=challenge,
                csr=csr(gateway_key) if csr else self.csr(gateway_key),
                **answer(challenge),
            )
            certificate = self._bootstrapper.RequestSign(response, timeout=_DEADLINE_SECONDS)
        except grpc.RpcError as error:
            refused(step, error)
            return None
        facts = identity.certificate_facts(certificate.cert_der, gateway_key)
        facts["serial_told"] = certificate.sn.sn
        facts["end_told"] = certificate.not_after.ToJsonString()
        say(step, code="OK", **facts)
        return Credentials(identity.pem(certificate.cert_der), identity.private_pem(gateway_key))


def refusals(joining, contract, other_hardware_id, operator):
    """Every bootstrap that a registered gateway could try in somebody else's name, or with somebody else's key."""
    identities = contract.identity
    other = identities.Identity(gateway=identities.Identity.Gateway(hardware_id=other_hardware_id))
    administrator = identities.Identity(operator=operator)
    joining.by_ecdsa(
        "bootstrap_with_common_name_of_another",
        csr=lambda key: joining.csr(key, common_name=other_hardware_id),
    )
    joining.by_ecdsa("bootstrap_with_identity_of_another", csr=lambda key: joining.csr(key, named=other))
    joining.by_ecdsa(
        "bootstrap_as_another",
        csr=lambda key: joining.csr(key, named=other, common_name=other_hardware_id),
    )
    joining.by_ecdsa(
        "bootstrap_as_operator", csr=lambda key: joining.csr(key, named=administrator, common_name=operator)
    )
    joining.by_ecdsa("bootstrap_as_authority", csr=lambda key: joining.csr(key, authority=True))
    joining.by_ecdsa("bootstrap_with_foreign_key", key=identity.new_challenge_key())
    joining.by_ecdsa("bootstrap_with_own_challenge", forge=lambda challenge: bytes(len(challenge)))
    joining.by_ecdsa("bootstrap_with_altered_challenge", forge=_flipped)
    joining.by_echo("bootstrap_by_echo_though_it_has_a_key")


def _flipped(challenge):
    return bytes([challenge[0] ^ 1]) + challenge[1:]
