//! `google.protobuf.Struct` and JSON, each way: the parameters and answers of generic commands.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as WireValue};
use serde_json::{Map, Number, Value};

/// Beyond this, doubles skip integers.
const EXACT_INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

/// JSON as a message.
pub(crate) fn to_struct(object: impl IntoIterator<Item = (String, Value)>) -> Struct {
    Struct { fields: object.into_iter().map(|(name, value)| (name, to_wire(value))).collect() }
}

/// A message as JSON. Whole numbers are written without a fraction, as protobuf's own JSON has them.
pub(crate) fn from_struct<T: FromIterator<(String, Value)>>(message: Struct) -> T {
    message.fields.into_iter().map(|(name, value)| (name, from_wire(value))).collect()
}

fn to_wire(value: Value) -> WireValue {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(bool) => Kind::BoolValue(bool),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text),
        Value::Array(values) => {
            Kind::ListValue(ListValue { values: values.into_iter().map(to_wire).collect() })
        }
        Value::Object(object) => Kind::StructValue(to_struct(object)),
    };
    WireValue { kind: Some(kind) }
}

fn from_wire(value: WireValue) -> Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(bool)) => Value::Bool(bool),
        Some(Kind::NumberValue(number)) => from_number(number),
        Some(Kind::StringValue(text)) => Value::String(text),
        Some(Kind::ListValue(list)) => Value::Array(list.values.into_iter().map(from_wire).collect()),
        Some(Kind::StructValue(message)) => Value::Object(from_struct::<Map<_, _>>(message)),
    }
}

/// JSON has no infinities; they become text, as in protobuf's own JSON.
fn from_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < EXACT_INTEGER_MAX {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_goes_there_and_back() {
        let Value::Object(object) = json!({
            "null": null, "bool": true, "whole": 3, "negative": -1, "broken": 1.5, "text": "ä",
            "list": [1, "a", {"b": []}], "object": {"c": {}},
        }) else {
            panic!("an object");
        };
        assert_eq!(from_struct::<Map<_, _>>(to_struct(object.clone())), object);
    }

    #[test]
    fn whole_numbers_have_no_fraction_and_infinities_are_text() {
        for (number, json) in
            [(0.0, json!(0)), (-0.0, json!(0)), (1e300, json!(1e300)), (f64::INFINITY, json!("inf"))]
        {
            assert_eq!(from_number(number), json);
        }
        assert_eq!(from_wire(WireValue { kind: None }), Value::Null);
    }
}
