//! ICMP sockets: unprivileged ones for datagrams, and raw ones.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::IpAddr;

use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto, socket_with};
use tokio::net::UdpSocket;

use crate::echo::TOKEN_BYTES;

/// Which kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For groups within `net.ipv4.ping_group_range`; it hears only replies to its own requests.
    Datagram,
    /// For `CAP_NET_RAW`; it hears every ICMP packet of the machine.
    Raw,
}

/// Opens a socket for the family of `to`.
pub(crate) fn open(to: IpAddr, kind: Kind) -> io::Result<UdpSocket> {
    let (family, protocol): (_, Protocol) = match to {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let kind = match kind {
        Kind::Datagram => SocketType::DGRAM,
        Kind::Raw => SocketType::RAW,
    };
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, Some(protocol))?;
    // Not UDP, but the standard library's type for a socket with messages.
    UdpSocket::from_std(std::net::UdpSocket::from(socket))
}

/// Whether the kernel refuses this kind of socket, and not this host.
pub(crate) fn refuses(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::ACCESS, Errno::PERM, Errno::PROTONOSUPPORT, Errno::PROTOTYPE]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Something that others do not know.
pub(crate) fn token() -> [u8; TOKEN_BYTES] {
    RandomState::new().build_hasher().finish().to_ne_bytes()
}
