//! Finds JSON objects that follow each other in a stream, with or without white space between them.

/// How many values an object may have: in memory, a short one takes thirty times what it takes in the stream.
const VALUES_MAX: usize = 20_000;

/// Octets of which the beginning is no JSON object, or too long a one: the stream is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotObjects;

/// What was received and is no complete object yet.
#[derive(Debug)]
pub(crate) struct JsonFrames {
    bytes: Vec<u8>,
    bytes_max: usize,
    /// How far `bytes` has been looked at, and what is open there.
    seen: usize,
    depth: usize,
    /// Commas and open brackets of the present object: it has about as many values.
    marks: usize,
    in_text: bool,
    after_backslash: bool,
}

impl JsonFrames {
    /// Objects of at most `bytes_max` octets.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            bytes_max,
            seen: 0,
            depth: 0,
            marks: 0,
            in_text: false,
            after_backslash: false,
        }
    }

    /// More of the stream.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The next object's octets, once they are complete; whether they are JSON is for the parser to say.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, NotObjects> {
        if self.seen == 0 {
            let blank = self.bytes.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
            self.bytes.drain(..blank);
            if self.bytes.first().is_some_and(|first| *first != b'{') {
                return Err(NotObjects);
            }
        }
        while let Some(octet) = self.bytes.get(self.seen) {
            let octet = *octet;
            self.seen += 1;
            let closed = self.closes_with(octet);
            if self.marks > VALUES_MAX {
                return Err(NotObjects);
            }
            if closed {
                let rest = self.bytes.split_off(self.seen);
                (self.seen, self.marks) = (0, 0);
                return Ok(Some(std::mem::replace(&mut self.bytes, rest)));
            }
        }
        if self.bytes.len() > self.bytes_max { Err(NotObjects) } else { Ok(None) }
    }

    fn closes_with(&mut self, octet: u8) -> bool {
        match octet {
            _ if self.after_backslash => self.after_backslash = false,
            b'\\' if self.in_text => self.after_backslash = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b',' => self.marks += 1,
            b'{' | b'[' => {
                self.depth += 1;
                self.marks += 1;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All objects of a stream that comes in pieces of `piece` octets, or what was found before it made no sense.
    fn objects(stream: &str, piece: usize) -> (Vec<String>, bool) {
        let (mut frames, mut found) = (JsonFrames::new(64), Vec::new());
        for piece in stream.as_bytes().chunks(piece) {
            frames.push(piece);
            loop {
                match frames.next() {
                    Ok(Some(object)) => found.push(String::from_utf8(object).unwrap()),
                    Ok(None) => break,
                    Err(NotObjects) => return (found, false),
                }
            }
        }
        (found, true)
    }

    #[test]
    fn objects_are_found_wherever_the_stream_is_cut() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(100));
        let rows: [(&str, &[&str], bool); 7] = [
            (r#"{"a":1}{"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#], true),
            ("\n {\"a\":[{}]} \r\n{}\n", &[r#"{"a":[{}]}"#, "{}"], true),
            (r#"{"a":"}\"}{\\"}{}"#, &[r#"{"a":"}\"}{\\"}"#, "{}"], true),
            (r#"{"a":1"#, &[], true),
            (r#"{}nonsense"#, &["{}"], false),
            ("GET / HTTP/1.1", &[], false),
            (&long, &[], false),
        ];
        for (stream, expected, sound) in rows {
            for piece in [1, 3, 50] {
                let (found, ended_well) = objects(stream, piece);
                assert_eq!(
                    (found, ended_well),
                    (expected.iter().map(ToString::to_string).collect(), sound),
                    "{stream} by {piece}"
                );
            }
        }
    }

    #[test]
    fn an_object_of_very_many_values_is_refused() {
        for (values, sound) in [(VALUES_MAX - 1, true), (VALUES_MAX + 1, false)] {
            for value in ["0", "[]"] {
                let object = format!(r#"{{"a":[{}]}}"#, vec![value; values / value.len()].join(","));
                let mut frames = JsonFrames::new(object.len());
                frames.push(object.as_bytes());
                assert_eq!(frames.next().is_ok(), sound, "{values} of {value}");
            }
        }
    }

    #[test]
    fn mutated_streams_never_panic_and_never_grow() {
        let sound = br#"{"a":"}\"}{\\"} {"b":[{"c":null}]}"#;
        let mut state = 5_u64;
        for _ in 0..20_000 {
            let mut bytes = sound.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (state >> 33) as usize % bytes.len();
                bytes[place] = (state >> 20) as u8;
            }
            let mut frames = JsonFrames::new(64);
            frames.push(&bytes);
            while let Ok(Some(object)) = frames.next() {
                assert!(object.len() <= bytes.len() && object.starts_with(b"{"));
                serde_json::from_slice::<serde_json::Value>(&object).ok();
            }
        }
    }
}
