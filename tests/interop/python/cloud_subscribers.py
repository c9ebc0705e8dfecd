"""Subscribers and short messages, as the services of an access gateway ask for them."""

from report import say

_DEADLINE_SECONDS = 20
_PAGE_SIZE = 2
# CP-DATA with an RP-ACK of 3GPP TS 24.011; a reference follows.
_TAKEN = bytes([0x99, 1, 2, 2])
# Where the reference is in a CP-DATA with an RP-DATA.
_REFERENCE = 4


class Subscribers:
    """A gateway's copy of its network's subscribers, which follows the cloud's by fingerprints."""

    def __init__(self, contract, calls):
        self._contract = contract
        self._calls = calls
        self._root = contract.digest.Digest()
        self._leaves = []
        self._held = {}

    def sync(self, step):
        """What an existing gateway does every few minutes: asks whether it is current, else for changes, else for all."""
        messages = self._contract.subscriberdb
        renewed, deleted, listed = [], [], False
        with self._calls.channel("subscriberdb") as channel:
            stub = self._contract.subscriberdb_grpc.SubscriberDBCloudStub(channel)
            asked = messages.CheckInSyncRequest(root_digest=self._root)
            in_sync = stub.CheckInSync(asked, timeout=_DEADLINE_SECONDS).in_sync
            if not in_sync:
                changes = stub.Sync(messages.SyncRequest(leaf_digests=self._leaves), timeout=_DEADLINE_SECONDS)
                listed = changes.resync
                if listed:
                    self._list(stub)
                else:
                    renewed, deleted = self._take(changes)
        subscribers = {
            name: {"state": data.lte.state, "auth_key": data.lte.auth_key.hex(), "network": data.network_id.id}
            for name, data in self._held.items()
        }
        say(step, in_sync=in_sync, listed=listed, renewed=renewed, deleted=deleted, subscribers=subscribers)

    def short_messages(self, step):
        """Fetches the messages of all subscribers, and takes each as a phone does."""
        messages = self._contract.sms_orc8r
        with self._calls.channel("smsd") as channel:
            stub = self._contract.sms_orc8r_grpc.SmsDStub(channel)
            asked = messages.GetMessagesRequest(imsis=sorted(self._held))
            fetched = stub.GetMessages(asked, timeout=_DEADLINE_SECONDS).messages
            for message in fetched:
                taken = _TAKEN + message.nas_message_container[_REFERENCE : _REFERENCE + 1]
                report = messages.SMOUplinkUnitdata(imsi=message.imsi, nas_message_container=taken)
                stub.ReportDelivery(messages.ReportDeliveryRequest(report=report), timeout=_DEADLINE_SECONDS)
        say(step, messages=[{"imsi": each.imsi, "octets": each.nas_message_container.hex()} for each in fetched])

    def _take(self, changes):
        renewed = []
        for packed in changes.changeset.to_renew:
            data = self._contract.subscriberdb.SubscriberData()
            if not packed.Unpack(data):
                raise SystemExit(f"a changeset holds {packed.type_url}")
            renewed.append(self._hold(data))
        deleted = list(changes.changeset.deleted)
        for name in deleted:
            del self._held[name]
        self._root, self._leaves = changes.digests.root_digest, changes.digests.leaf_digests
        return renewed, deleted

    def _list(self, stub):
        self._held, token, digests = {}, "", None
        while digests is None or token:
            asked = self._contract.subscriberdb.ListSubscribersRequest(page_size=_PAGE_SIZE, page_token=token)
            page = stub.ListSubscribers(asked, timeout=_DEADLINE_SECONDS)
            for data in page.subscribers:
                self._hold(data)
            digests, token = digests or page.digests, page.next_page_token
        self._root, self._leaves = digests.root_digest, digests.leaf_digests

    def _hold(self, data):
        name = f"IMSI{data.sid.id}"
        self._held[name] = data
        return name
