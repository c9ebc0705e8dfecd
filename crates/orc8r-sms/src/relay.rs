//! The layers around a message between the network and a phone, 3GPP TS 24.011: RP-DATA and CP-DATA.

/// The protocol discriminator of short messages.
pub(crate) const PROTOCOL: u8 = 0x9;
/// Types of CP messages.
pub(crate) const CP_DATA: u8 = 0x01;
pub(crate) const CP_ACK: u8 = 0x04;
pub(crate) const CP_ERROR: u8 = 0x10;

/// RP-DATA from the network.
const RP_DATA: u8 = 0x01;
/// The service centre's address: nobody answers to it. Magma-compat: 11, a network-specific number of a private plan.
const SERVICE_CENTRE: [u8; 3] = [2, 0xb9, 0x11];

/// Values of a transaction identifier; the eighth is reserved for longer ones.
const TRANSACTIONS: u8 = 7;

/// An RP-DATA from the network. What is in it has at most 176 octets: 140 of text, and what stands before it.
pub(crate) fn rp_data(reference: u8, message: &[u8]) -> Vec<u8> {
    let [oa_length, oa_kind, oa_number] = SERVICE_CENTRE;
    let length = u8::try_from(message.len()).unwrap_or(u8::MAX);
    [&[RP_DATA, reference, oa_length, oa_kind, oa_number, 0, length], message].concat()
}

/// A CP-DATA from the network, in a transaction that it begins.
///
/// Deviation: in Magma the transaction is the reference's lower half, of which a half says that the phone began it.
pub(crate) fn cp_data(reference: u8, relayed: &[u8]) -> Vec<u8> {
    let length = u8::try_from(relayed.len()).unwrap_or(u8::MAX);
    [&[(reference % TRANSACTIONS) << 4 | PROTOCOL, CP_DATA, length], relayed].concat()
}
