//! ICMP echo requests, their replies, and the errors about them (RFC 792; RFC 4443), as bytes.

use std::net::IpAddr;

const HEADER_BYTES: usize = 8;

/// Tells our replies from those that belong to others.
pub(crate) const TOKEN_BYTES: usize = 8;

/// The length of a request with 56 bytes of data, as `ping` sends.
pub(crate) const PING_BYTES: usize = HEADER_BYTES + 56;

/// The shortest request: it holds the token.
pub(crate) const REQUEST_BYTES_MIN: usize = HEADER_BYTES + TOKEN_BYTES;

/// Types of a request and of its reply.
const V4: (u8, u8) = (8, 0);
const V6: (u8, u8) = (128, 129);

/// Types of the errors about a packet on its way: it cannot be delivered, and its hops are used up.
const V4_ERRORS: (u8, u8) = (3, 11);
const V6_ERRORS: (u8, u8) = (1, 3);

/// An IPv6 header (RFC 8200, 3), where its next header's kind and its destination stand, and ICMPv6's kind.
const V6_HEADER_BYTES: usize = 40;
const V6_NEXT: usize = 6;
const V6_DESTINATION: std::ops::Range<usize> = 24..40;
const V6_ICMP: u8 = 58;

/// The same in an IPv4 header (RFC 791, 3.1).
const V4_PROTOCOL: usize = 9;
const V4_DESTINATION: std::ops::Range<usize> = 16..20;
const V4_ICMP: u8 = 1;

/// What somebody says to an echo request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The host itself replied.
    Reply,
    /// A router dropped it, since its hops were used up.
    HopsUsedUp,
    /// A router, or the host, cannot deliver it.
    Undeliverable,
}

fn types(to: IpAddr) -> (u8, u8) {
    if to.is_ipv4() { V4 } else { V6 }
}

/// Echo request number `sequence` for `to`, `bytes` long or [`REQUEST_BYTES_MIN`]. The kernel puts the checksum for
/// IPv6 in, and on datagram sockets its own identifier.
pub(crate) fn request(
    to: IpAddr,
    identifier: u16,
    sequence: u16,
    token: [u8; TOKEN_BYTES],
    bytes: usize,
) -> Vec<u8> {
    let mut packet = vec![types(to).0, 0, 0, 0];
    packet.extend(identifier.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    packet.extend(token);
    packet.resize(bytes.max(REQUEST_BYTES_MIN), 0x4d);
    let checksum = checksum(&packet);
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// The sequence number of a reply with our token; none for anything else that arrives. `with_ip_header` is how a raw
/// IPv4 socket delivers it.
pub(crate) fn reply(
    from: IpAddr,
    received: &[u8],
    with_ip_header: bool,
    token: [u8; TOKEN_BYTES],
) -> Option<u16> {
    let packet = if with_ip_header { without_ip_header(received)? } else { received };
    let (kind, code) = (*packet.first()?, *packet.get(1)?);
    let sequence = u16::from_be_bytes(*packet.get(6..)?.first_chunk()?);
    let ours = packet.get(HEADER_BYTES..)?.starts_with(&token);
    (kind == types(from).1 && code == 0 && ours).then_some(sequence)
}

/// What a packet says to our request, and to which: the request with this identifier to this host. `with_ip_header` as
/// for [`reply`].
pub(crate) fn answer(
    to: IpAddr,
    received: &[u8],
    with_ip_header: bool,
    identifier: u16,
    token: [u8; TOKEN_BYTES],
) -> Option<(Said, u16)> {
    if let Some(sequence) = reply(to, received, with_ip_header, token) {
        return Some((Said::Reply, sequence));
    }
    let packet = if with_ip_header { without_ip_header(received)? } else { received };
    let (undeliverable, used_up) = if to.is_ipv4() { V4_ERRORS } else { V6_ERRORS };
    let said = match *packet.first()? {
        kind if kind == undeliverable => Said::Undeliverable,
        kind if kind == used_up => Said::HopsUsedUp,
        _ => return None,
    };
    let about = quoted_request(to, packet.get(HEADER_BYTES..)?)?;
    let ours = about[0] == types(to).0 && about[4..6] == identifier.to_be_bytes();
    ours.then(|| (said, u16::from_be_bytes([about[6], about[7]])))
}

/// The header of the ICMP packet to `to` that an error quotes, with its IP header before it.
fn quoted_request(to: IpAddr, quoted: &[u8]) -> Option<[u8; HEADER_BYTES]> {
    let (protocol, destination, rest) = match to {
        IpAddr::V4(_) => (*quoted.get(V4_PROTOCOL)?, quoted.get(V4_DESTINATION)?, without_ip_header(quoted)?),
        IpAddr::V6(_) => (*quoted.get(V6_NEXT)?, quoted.get(V6_DESTINATION)?, quoted.get(V6_HEADER_BYTES..)?),
    };
    let right = match to {
        IpAddr::V4(to) => protocol == V4_ICMP && destination == to.octets(),
        IpAddr::V6(to) => protocol == V6_ICMP && destination == to.octets(),
    };
    rest.first_chunk().copied().filter(|_| right)
}

/// RFC 791, 3.1: the low four bits of the first byte count the header's 32-bit words, of which there are five at least.
fn without_ip_header(packet: &[u8]) -> Option<&[u8]> {
    let words = usize::from(packet.first()? & 0x0f);
    (words >= 5).then(|| packet.get(words * 4..)).flatten()
}

/// RFC 1071.
fn checksum(packet: &[u8]) -> u16 {
    let words = packet.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const TOKEN: [u8; TOKEN_BYTES] = *b"magmatok";
    const FOUR: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    fn answered(to: IpAddr, sequence: u16) -> Vec<u8> {
        let mut packet = request(to, 7, sequence, TOKEN, PING_BYTES);
        packet[0] = types(to).1;
        packet
    }

    #[test]
    fn a_request_has_a_right_checksum_and_the_size_of_pings() {
        for (to, kind) in [(FOUR, 8), (SIX, 128)] {
            let packet = request(to, 0x1234, 0x0102, TOKEN, PING_BYTES);
            assert_eq!((packet.len(), packet[0], packet[1]), (64, kind, 0));
            assert_eq!(packet[4..8], [0x12, 0x34, 0x01, 0x02]);
            assert_eq!(checksum(&packet), 0, "a packet with its checksum sums up to nothing");
        }
    }

    #[test]
    fn our_replies_are_known_and_nothing_else_is() {
        assert_eq!(reply(FOUR, &answered(FOUR, 9), false, TOKEN), Some(9));
        assert_eq!(reply(SIX, &answered(SIX, 0xffff), false, TOKEN), Some(0xffff));
        let mut raw = vec![0x46];
        raw.resize(24, 0);
        raw.extend(answered(FOUR, 3));
        assert_eq!(reply(FOUR, &raw, true, TOKEN), Some(3));
        for (name, packet, raw) in [
            ("our own request", request(FOUR, 7, 1, TOKEN, PING_BYTES), false),
            ("another program's", answered(FOUR, 1), true),
            ("nothing", Vec::new(), false),
            ("a header alone", answered(FOUR, 1)[..8].to_vec(), false),
            (
                "unreachable",
                {
                    let mut p = answered(FOUR, 1);
                    p[0] = 3;
                    p
                },
                false,
            ),
        ] {
            assert_eq!(reply(FOUR, &packet, raw, TOKEN), None, "{name}");
        }
        assert_eq!(reply(FOUR, &answered(FOUR, 1), false, *b"another!"), None);
    }

    #[test]
    fn odd_lengths_have_a_checksum() {
        assert_eq!(checksum(&[0x01]), 0xfeff);
        assert_eq!(checksum(&[]), 0xffff);
    }

    /// An error of this type about request `sequence` to `to`, as routers send it.
    fn error(to: IpAddr, kind: u8, identifier: u16, sequence: u16) -> Vec<u8> {
        let mut quoted = match to {
            IpAddr::V4(to) => {
                let mut header = vec![0; 20];
                (header[0], header[9]) = (0x45, 1);
                header[16..20].copy_from_slice(&to.octets());
                header
            }
            IpAddr::V6(to) => {
                let mut header = vec![0; 40];
                (header[0], header[6]) = (0x60, 58);
                header[24..40].copy_from_slice(&to.octets());
                header
            }
        };
        quoted.extend(&request(to, identifier, sequence, TOKEN, PING_BYTES)[..8]);
        [vec![kind, 0, 0, 0, 0, 0, 0, 0], quoted].concat()
    }

    #[test]
    fn errors_about_our_requests_are_known_and_those_about_others_are_not() {
        for (name, to, packet, expected) in [
            ("a reply", FOUR, answered(FOUR, 5), Some((Said::Reply, 5))),
            ("used up", FOUR, error(FOUR, 11, 7, 6), Some((Said::HopsUsedUp, 6))),
            ("used up, IPv6", SIX, error(SIX, 3, 7, 6), Some((Said::HopsUsedUp, 6))),
            ("undeliverable", FOUR, error(FOUR, 3, 7, 6), Some((Said::Undeliverable, 6))),
            ("undeliverable, IPv6", SIX, error(SIX, 1, 7, 6), Some((Said::Undeliverable, 6))),
            ("another program's", FOUR, error(FOUR, 11, 8, 6), None),
            ("to another host", Ipv4Addr::BROADCAST.into(), error(FOUR, 11, 7, 6), None),
            ("an error of another kind", FOUR, error(FOUR, 12, 7, 6), None),
            ("cut short", FOUR, error(FOUR, 11, 7, 6)[..30].to_vec(), None),
        ] {
            assert_eq!(answer(to, &packet, false, 7, TOKEN), expected, "{name}");
        }
    }

    #[test]
    fn no_packet_makes_it_panic() {
        let good = error(FOUR, 11, 7, 6);
        for length in 0..good.len() {
            for raw in [false, true] {
                answer(FOUR, &good[..length], raw, 7, TOKEN);
                answer(SIX, &good[..length], raw, 7, TOKEN);
            }
        }
        let mut changed = good.clone();
        for place in 0..good.len() {
            for byte in 0..=255 {
                changed[place] = byte;
                answer(FOUR, &changed, byte % 2 == 0, 7, TOKEN);
            }
            changed[place] = good[place];
        }
    }
}
