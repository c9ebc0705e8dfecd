//! The addresses of network interfaces, from one netlink question (rtnetlink(7), `RTM_GETADDR`).
//!
//! No file of `/proc` tells which IPv4 address belongs to which interface, with its prefix.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use rustix::net::{recv, sendto, socket_with};

const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// `NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH`: tell all.
const DUMP_REQUEST: u16 = 0x301;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;

/// Sizes of `struct nlmsghdr`, `struct ifaddrmsg` and `struct rtattr`.
const HEADER_BYTES: usize = 16;
const ADDRESS_HEADER_BYTES: usize = 8;
const ATTRIBUTE_HEADER_BYTES: usize = 4;

/// The kernel sends at most this much at once.
const ANSWER_BYTES_MAX: usize = 32 * 1024;
const ANSWERS_MAX: usize = 1000;
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// An address of an interface, which is named by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InterfaceAddress {
    pub(super) index: u32,
    pub(super) address: IpAddr,
    pub(super) prefix_length: u8,
}

/// All addresses of this machine (of its container, rather).
///
/// # Errors
/// When netlink may not be used, or the kernel does not answer within a second.
pub(super) fn addresses() -> io::Result<Vec<InterfaceAddress>> {
    // No protocol means 0, which is NETLINK_ROUTE.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Recv, Some(ANSWER_LIMIT))?;
    let kernel = netlink::SocketAddrNetlink::new(0, 0);
    sendto(&socket, &request(), SendFlags::empty(), &kernel)?;
    let mut addresses = Vec::new();
    let mut answer = vec![0; ANSWER_BYTES_MAX];
    for _ in 0..ANSWERS_MAX {
        let (length, _) = recv(&socket, answer.as_mut_slice(), RecvFlags::empty())?;
        if parse(&answer[..length], &mut addresses)? == Dump::Complete {
            break;
        }
    }
    Ok(addresses)
}

fn request() -> [u8; HEADER_BYTES + ADDRESS_HEADER_BYTES] {
    let mut request = [0; HEADER_BYTES + ADDRESS_HEADER_BYTES];
    let length = u32::try_from(request.len()).expect("invariant: 24 bytes");
    request[..4].copy_from_slice(&length.to_ne_bytes());
    request[4..6].copy_from_slice(&RTM_GETADDR.to_ne_bytes());
    request[6..8].copy_from_slice(&DUMP_REQUEST.to_ne_bytes());
    request
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dump {
    Continues,
    Complete,
}

/// Takes the addresses out of one answer. What is malformed ends the reading; what is unknown is skipped.
fn parse(mut answer: &[u8], addresses: &mut Vec<InterfaceAddress>) -> io::Result<Dump> {
    while let Some((kind, body, rest)) = message(answer) {
        match kind {
            NLMSG_DONE => return Ok(Dump::Complete),
            NLMSG_ERROR => return Err(io::Error::other("the kernel does not tell its addresses")),
            RTM_NEWADDR => addresses.extend(address(body)),
            _ => {}
        }
        answer = rest;
    }
    Ok(Dump::Continues)
}

/// The kind and body of the first message, and what follows it.
fn message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = u32::from_ne_bytes(*bytes.first_chunk()?) as usize;
    let kind = u16::from_ne_bytes(*bytes.get(4..)?.first_chunk()?);
    let body = bytes.get(HEADER_BYTES..length)?;
    Some((kind, body, bytes.get(aligned(length)..).unwrap_or_default()))
}

/// `struct ifaddrmsg` (family, prefix length, flags, scope, index) and its attributes.
fn address(body: &[u8]) -> Option<InterfaceAddress> {
    let prefix_length = *body.get(1)?;
    let index = u32::from_ne_bytes(*body.get(4..)?.first_chunk()?);
    let mut attributes = body.get(ADDRESS_HEADER_BYTES..)?;
    let (mut local, mut other) = (None, None);
    while let Some((kind, value, rest)) = attribute(attributes) {
        match kind {
            IFA_LOCAL => local = ip_address(value),
            IFA_ADDRESS => other = ip_address(value),
            _ => {}
        }
        attributes = rest;
    }
    // Of a point-to-point interface, IFA_ADDRESS is the other end.
    Some(InterfaceAddress { index, address: local.or(other)?, prefix_length })
}

fn attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::from(u16::from_ne_bytes(*bytes.first_chunk()?));
    let kind = u16::from_ne_bytes(*bytes.get(2..)?.first_chunk()?);
    let value = bytes.get(ATTRIBUTE_HEADER_BYTES..length)?;
    Some((kind, value, bytes.get(aligned(length)..).unwrap_or_default()))
}

fn ip_address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| Ipv6Addr::from(sixteen).into())
}

/// Messages and attributes begin at multiples of four bytes.
fn aligned(length: usize) -> usize {
    length.next_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute_of(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(ATTRIBUTE_HEADER_BYTES + value.len()).expect("short");
        let mut bytes = [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn message_of(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER_BYTES + body.len()).expect("short");
        [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), &[0; 10], body].concat()
    }

    fn new_address(index: u32, prefix_length: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
        let header = [&[2, prefix_length, 0, 0][..], &index.to_ne_bytes()].concat();
        message_of(RTM_NEWADDR, &[header, attributes.concat()].concat())
    }

    fn parsed(answer: &[u8]) -> (Dump, Vec<(u32, String, u8)>) {
        let mut addresses = Vec::new();
        let dump = parse(answer, &mut addresses).expect("no error");
        let plain = |a: InterfaceAddress| (a.index, a.address.to_string(), a.prefix_length);
        (dump, addresses.into_iter().map(plain).collect())
    }

    #[test]
    fn addresses_are_read_with_index_and_prefix() {
        let label = attribute_of(3, b"eth0\0");
        let answer = [
            new_address(2, 24, &[label, attribute_of(IFA_ADDRESS, &[192, 0, 2, 7])]),
            new_address(
                3,
                32,
                &[attribute_of(IFA_ADDRESS, &[198, 51, 100, 1]), attribute_of(IFA_LOCAL, &[10, 8, 0, 2])],
            ),
            new_address(2, 64, &[attribute_of(IFA_ADDRESS, &Ipv6Addr::LOCALHOST.octets())]),
            new_address(4, 24, &[]),
            message_of(99, &[1, 2, 3, 4]),
        ]
        .concat();
        let expected =
            [(2, "192.0.2.7".to_owned(), 24), (3, "10.8.0.2".to_owned(), 32), (2, "::1".to_owned(), 64)];
        assert_eq!(parsed(&answer), (Dump::Continues, expected.to_vec()));
        assert_eq!(parsed(&message_of(NLMSG_DONE, &[0; 4])), (Dump::Complete, Vec::new()));
    }

    #[test]
    fn an_error_is_one() {
        assert!(parse(&message_of(NLMSG_ERROR, &[0xff; 4]), &mut Vec::new()).is_err());
    }

    #[test]
    fn cut_off_answers_end_quietly() {
        let whole = new_address(2, 24, &[attribute_of(IFA_ADDRESS, &[192, 0, 2, 7])]);
        for length in 0..whole.len() {
            assert_eq!(parsed(&whole[..length]).1, Vec::new(), "{length}");
        }
        let mut endless = whole.clone();
        endless[..4].copy_from_slice(&0_u32.to_ne_bytes());
        assert_eq!(parsed(&endless).1, Vec::new());
    }

    #[test]
    fn this_machine_has_an_address() {
        match addresses() {
            Ok(addresses) => assert!(!addresses.is_empty()),
            Err(error) => println!("skipped: no netlink here: {error}"),
        }
    }
}
