//! What must hold for any octets that come from the network: for fuzz/, and for the test below.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::echo::{Said, TOKEN_BYTES, answer, reply};

const TOKEN: [u8; TOKEN_BYTES] = *b"magmatok";
const IDENTIFIER: u16 = 7;

/// A packet, as a socket delivers it. Its first octet says which socket: bit 0 for IPv6, bit 1 for one that delivers the
/// IP header, too.
pub fn packet(bytes: &[u8]) {
    let Some((kind, packet)) = bytes.split_first() else { return };
    let (six, with_ip_header) = (kind & 1 != 0, kind & 2 != 0);
    let to: IpAddr = if six { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
    let Some((said, sequence)) = answer(to, packet, with_ip_header, IDENTIFIER, TOKEN) else { return };
    let has = |octets: &[u8]| packet.windows(octets.len()).any(|window| window == octets);
    assert!(has(&sequence.to_be_bytes()));
    if said == Said::Reply {
        assert!(has(&TOKEN), "a reply to somebody else");
        assert_eq!(reply(to, packet, with_ip_header, TOKEN), Some(sequence));
    } else {
        assert!(has(&IDENTIFIER.to_be_bytes()), "an error about somebody else's request");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_packets_are_ours_or_nobodys() {
        magma_mutations::replay("icmp", super::packet);
    }
}
