//! ICMP echo requests and replies (RFC 792; RFC 4443, 4.1 and 4.2), as bytes.

use std::net::IpAddr;

const HEADER_BYTES: usize = 8;

/// Tells our replies from those that belong to others.
pub(super) const TOKEN_BYTES: usize = 8;

/// 56 bytes of data, as `ping` sends.
const DATA_BYTES: usize = 56;

/// Types of a request and of its reply.
const V4: (u8, u8) = (8, 0);
const V6: (u8, u8) = (128, 129);

fn types(to: IpAddr) -> (u8, u8) {
    if to.is_ipv4() { V4 } else { V6 }
}

/// Echo request number `sequence` for `to`. The kernel puts its own identifier and, for IPv6, the checksum in.
pub(super) fn request(to: IpAddr, identifier: u16, sequence: u16, token: [u8; TOKEN_BYTES]) -> Vec<u8> {
    let mut packet = vec![types(to).0, 0, 0, 0];
    packet.extend(identifier.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    packet.extend(token);
    packet.resize(HEADER_BYTES + DATA_BYTES, 0x4d);
    let checksum = checksum(&packet);
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// The sequence number of a reply with our token; none for anything else that arrives. `with_ip_header` is how a raw
/// IPv4 socket delivers it.
pub(super) fn reply(
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
        let mut packet = request(to, 7, sequence, TOKEN);
        packet[0] = types(to).1;
        packet
    }

    #[test]
    fn a_request_has_a_right_checksum_and_the_size_of_pings() {
        for (to, kind) in [(FOUR, 8), (SIX, 128)] {
            let packet = request(to, 0x1234, 0x0102, TOKEN);
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
            ("our own request", request(FOUR, 7, 1, TOKEN), false),
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
}
