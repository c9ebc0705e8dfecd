//! D-Bus messages: a header of typed fields and a body.

use crate::wire::{Malformed, Reader, Value, Writer};

/// The length of a header's fixed part, with the length of the array of its fields.
pub(crate) const FIXED_BYTES: usize = 16;

/// Codes of header fields.
const PATH: u8 = 1;
const INTERFACE: u8 = 2;
const MEMBER: u8 = 3;
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SENDER: u8 = 7;
const SIGNATURE: u8 = 8;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody calls a method.
    Call,
    /// The answer to a call.
    Return,
    /// The refusal of a call.
    Error,
    /// Something that happened.
    Signal,
    /// A kind that a later specification may bring; to be ignored.
    Other,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its kind.
    pub kind: Kind,
    /// For answers, the serial number of the call.
    pub reply_serial: Option<u32>,
    /// The object.
    pub path: String,
    /// The interface.
    pub interface: String,
    /// The method or signal.
    pub member: String,
    /// The name of an error.
    pub error_name: String,
    /// Who sent it; the bus vouches for that.
    pub sender: String,
    /// What is in the body.
    pub signature: String,
    body: Vec<u8>,
    big_endian: bool,
}

/// A call of a method.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The bus name of the program; empty on a connection without a bus.
    pub destination: &'a str,
    /// The object.
    pub path: &'a str,
    /// The interface.
    pub interface: &'a str,
    /// The method.
    pub member: &'a str,
    /// The arguments: texts only, which is all that systemd's methods need.
    pub arguments: &'a [&'a str],
}

impl Call<'_> {
    /// The call as bytes. `serial` is not 0.
    pub fn encode(&self, serial: u32) -> Vec<u8> {
        let mut body = Writer::new();
        for argument in self.arguments {
            body.text(argument);
        }
        let mut message = Writer::new();
        // Little-endian, a method call, no flags, version 1.
        for byte in [b'l', 1, 0, 1] {
            message.byte(byte);
        }
        message.u32(u32::try_from(body.len()).unwrap_or(u32::MAX));
        message.u32(serial);
        message.u32(0);
        let fields = [(PATH, "o", self.path), (INTERFACE, "s", self.interface), (MEMBER, "s", self.member)];
        let destination = (DESTINATION, "s", self.destination);
        for (code, kind, value) in fields.into_iter().chain([destination]) {
            if !value.is_empty() {
                field(&mut message, code, kind);
                message.text(value);
            }
        }
        if !self.arguments.is_empty() {
            field(&mut message, SIGNATURE, "g");
            message.signature(&"s".repeat(self.arguments.len()));
        }
        let fields_bytes = message.len() - FIXED_BYTES;
        message.patch_u32(FIXED_BYTES - 4, u32::try_from(fields_bytes).unwrap_or(u32::MAX));
        message.align(8);
        let mut bytes = message.into_bytes();
        bytes.extend(body.into_bytes());
        bytes
    }
}

fn field(message: &mut Writer, code: u8, signature: &str) {
    message.align(8);
    message.byte(code);
    message.signature(signature);
}

/// How long the whole message is that begins with `fixed`.
pub(crate) fn total_bytes(fixed: &[u8; FIXED_BYTES]) -> Result<usize, Malformed> {
    let big_endian = byte_order(fixed[0])?;
    if fixed[3] != 1 {
        return Err(Malformed("another version of the protocol"));
    }
    let mut reader = Reader::new(fixed, big_endian);
    reader.u32()?;
    let body = reader.u32()? as usize;
    reader.u32()?;
    let fields = reader.u32()? as usize;
    let header = FIXED_BYTES.checked_add(fields).ok_or(Malformed("a length is too large"))?;
    header.next_multiple_of(8).checked_add(body).ok_or(Malformed("a length is too large"))
}

fn byte_order(mark: u8) -> Result<bool, Malformed> {
    match mark {
        b'l' => Ok(false),
        b'B' => Ok(true),
        _ => Err(Malformed("no byte order")),
    }
}

impl Message {
    /// Reads one whole message.
    ///
    /// # Errors
    /// When it does not follow the specification. Fields of the header that are unknown are no error.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let fixed = bytes.first_chunk().ok_or(Malformed("the data ends early"))?;
        if total_bytes(fixed)? != bytes.len() {
            return Err(Malformed("a length is wrong"));
        }
        let big_endian = byte_order(fixed[0])?;
        let mut reader = Reader::new(bytes, big_endian);
        reader.align(1)?;
        let mut message = Self::of_kind(fixed[1], big_endian);
        for _ in 0..3 {
            reader.u32()?;
        }
        let end = FIXED_BYTES + reader.u32()? as usize;
        while reader.position() < end {
            reader.align(8)?;
            let code = reader.byte()?;
            let value = reader.variant()?;
            message.set(code, value);
        }
        if reader.position() != end {
            return Err(Malformed("a field goes beyond the header"));
        }
        reader.align(8)?;
        message.body = bytes.get(reader.position()..).unwrap_or_default().to_vec();
        Ok(message)
    }

    /// Reads the body's values.
    pub fn body(&self) -> Reader<'_> {
        Reader::new(&self.body, self.big_endian)
    }

    /// The texts that the body begins with.
    pub fn texts(&self) -> Vec<&str> {
        let mut reader = self.body();
        let kinds = self.signature.bytes().take_while(|kind| matches!(kind, b's' | b'o'));
        kinds.map_while(|_| reader.text().ok()).collect()
    }

    fn of_kind(kind: u8, big_endian: bool) -> Self {
        let kind = match kind {
            1 => Kind::Call,
            2 => Kind::Return,
            3 => Kind::Error,
            4 => Kind::Signal,
            _ => Kind::Other,
        };
        Self {
            kind,
            reply_serial: None,
            path: String::new(),
            interface: String::new(),
            member: String::new(),
            error_name: String::new(),
            sender: String::new(),
            signature: String::new(),
            body: Vec::new(),
            big_endian,
        }
    }

    fn set(&mut self, code: u8, value: Value) {
        let place = match code {
            REPLY_SERIAL => {
                self.reply_serial = value.number().and_then(|number| u32::try_from(number).ok());
                return;
            }
            PATH => &mut self.path,
            INTERFACE => &mut self.interface,
            MEMBER => &mut self.member,
            ERROR_NAME => &mut self.error_name,
            SENDER => &mut self.sender,
            SIGNATURE => &mut self.signature,
            _ => return,
        };
        *place = value.text().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Call<'_> = Call {
        destination: "org.freedesktop.systemd1",
        path: "/org/freedesktop/systemd1",
        interface: "org.freedesktop.systemd1.Manager",
        member: "StartUnit",
        arguments: &["magma@mme.service", "replace"],
    };

    #[test]
    fn a_call_reads_as_it_was_written() {
        let bytes = START.encode(7);
        assert_eq!(bytes.len() % 4, 0);
        let message = Message::parse(&bytes).expect("well formed");
        assert_eq!((message.kind, message.path.as_str()), (Kind::Call, START.path));
        assert_eq!((message.interface.as_str(), message.member.as_str()), (START.interface, START.member));
        assert_eq!((message.signature.as_str(), message.texts()), ("ss", START.arguments.to_vec()));
        let bare = Call { destination: "", arguments: &[], ..START };
        assert_eq!(Message::parse(&bare.encode(1)).expect("well formed").signature, "");
    }

    #[test]
    fn an_answer_in_the_other_byte_order_is_read() {
        // Written by hand after the specification: a return to serial 1 with one text.
        let mut bytes = vec![b'B', 2, 1, 1, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 15];
        bytes.extend([5, 1, b'u', 0, 0, 0, 0, 1, 8, 1, b'g', 0, 1, b's', 0, 0]);
        bytes.extend([0, 0, 0, 2, b'h', b'i', 0]);
        let message = Message::parse(&bytes).expect("well formed");
        assert_eq!(
            (message.kind, message.reply_serial, message.texts()),
            (Kind::Return, Some(1), vec!["hi"])
        );
    }

    #[test]
    fn frames_that_were_cut_or_changed_are_refused_or_read_and_never_panic() {
        let good = START.encode(7);
        for length in 0..good.len() {
            assert!(Message::parse(&good[..length]).is_err(), "cut after {length} bytes");
        }
        let mut random = 0x4d61_676d_6121_u64;
        let mut next = move || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as usize
        };
        let mut read = 0;
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..=next() % 4 {
                let place = next() % bytes.len();
                bytes[place] = next() as u8;
            }
            if let Ok(message) = Message::parse(&bytes) {
                let _ = (message.texts(), message.body().variant());
                read += 1;
            }
        }
        assert!(read > 0, "some changes do no harm");
    }
}
