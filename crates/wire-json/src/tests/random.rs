//! Random messages: every kind of value, with a liking for those at the edges. The same numbers in every run.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

/// SplitMix64: enough for tests, and of our own so that a library's next version changes nothing.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to one less than `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// A message in which a field is set with one chance in `rarity`, and that is at most `depth` messages deep.
    pub fn message(&mut self, descriptor: &MessageDescriptor, rarity: usize, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            let too_deep = depth == 0 && matches!(field.kind(), Kind::Message(_));
            if !too_deep && self.below(rarity) == 0 {
                message.set_field(&field, self.field(&field, rarity, depth));
            }
        }
        message
    }

    fn field(&mut self, field: &FieldDescriptor, rarity: usize, depth: usize) -> Value {
        let kind = field.kind();
        let count = self.below(4);
        match &kind {
            Kind::Message(entry) if field.is_map() => {
                let (key, value) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
                let entry = |_| (self.key(&key), self.value(&value, rarity, depth));
                Value::Map((0..count).map(entry).collect())
            }
            _ if field.is_list() => {
                Value::List((0..count).map(|_| self.value(&kind, rarity, depth)).collect())
            }
            _ => self.value(&kind, rarity, depth),
        }
    }

    fn key(&mut self, kind: &Kind) -> MapKey {
        match self.value(kind, 1, 0) {
            Value::Bool(value) => MapKey::Bool(value),
            Value::I32(value) => MapKey::I32(value),
            Value::I64(value) => MapKey::I64(value),
            Value::U32(value) => MapKey::U32(value),
            Value::U64(value) => MapKey::U64(value),
            Value::String(value) => MapKey::String(value),
            other => panic!("{other:?} is no key"),
        }
    }

    fn value(&mut self, kind: &Kind, rarity: usize, depth: usize) -> Value {
        let bits = self.next() >> self.below(64);
        match kind {
            Kind::Message(nested) if nested.full_name() == "google.protobuf.Timestamp" => {
                let mut moment = DynamicMessage::new(nested.clone());
                let nanos = self.one_of(&[0, 1, 120_000_000, 999_999_999]);
                moment.set_field_by_name("seconds", Value::I64(i64::from(bits as i32)));
                moment.set_field_by_name("nanos", Value::I32(nanos));
                Value::Message(moment)
            }
            Kind::Bool => Value::Bool(bits.is_multiple_of(2)),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                Value::I32(self.one_of(&[0, 1, -1, i32::MIN, i32::MAX, bits as i32]))
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                Value::I64(self.one_of(&[0, 1, -1, i64::MIN, i64::MAX, bits as i64]))
            }
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.one_of(&[0, 1, u32::MAX, bits as u32])),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.one_of(&[0, 1, u64::MAX, bits])),
            Kind::Float => Value::F32(self.float()),
            Kind::Double => Value::F64(self.double()),
            Kind::String => Value::String(self.text()),
            Kind::Bytes => Value::Bytes(self.text().into_bytes().into()),
            Kind::Enum(values) => {
                let known: Vec<i32> = values.values().map(|value| value.number()).collect();
                let known = self.one_of(&known);
                Value::EnumNumber(self.one_of(&[known, known, bits as i32]))
            }
            Kind::Message(nested) => Value::Message(self.message(nested, rarity, depth.saturating_sub(1))),
        }
    }

    /// Not the largest one, which prost-reflect writes but does not read.
    fn float(&mut self) -> f32 {
        let any = f32::from_bits(self.next() as u32);
        let edges = [0.0, -0.0, 0.1, 1.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38, -3e38];
        let edge = self.one_of(&edges);
        self.one_of(&[edge, f32::MIN_POSITIVE, f32::from_bits(1), any, any])
    }

    fn double(&mut self) -> f64 {
        let any = f64::from_bits(self.next());
        let edges = [0.0, -0.0, 0.1, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN];
        let edge = self.one_of(&edges);
        self.one_of(&[edge, f64::MIN_POSITIVE, f64::from_bits(1), any, any])
    }

    fn text(&mut self) -> String {
        let letters = ['a', 'Z', '0', '"', '\\', '\0', '\n', '<', '/', 'ü', '語', '\u{1f4e1}', '\u{7f}'];
        let length = self.one_of(&[0, 1, 2, 3, 7, 200]);
        (0..length).map(|_| self.one_of(&letters)).collect()
    }
}
