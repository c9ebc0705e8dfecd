//! What the records of a table are, and the JSON that the cloud gets of them.

use serde::de::IgnoredAny;
use wire_json::StateTypes;

/// How a table's messages are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON already, which the cloud gets as it is.
    Json,
    /// Protobuf messages of this full name; the cloud gets their canonical JSON.
    Message(String),
}

impl Format {
    /// The format of messages that Python's code finds as `message` in the module `module`, such as `UeContext` in
    /// `lte.protos.oai.mme_nas_state_pb2`.
    ///
    /// # Errors
    /// When this version does not know such messages: a sentence for the operator.
    pub fn of_python(module: &str, message: &str) -> Result<Self, String> {
        let unknown = || format!("this magmad does not know the messages {message} of {module}");
        let folder = module.rsplit_once('.').map(|(folder, _)| folder).ok_or_else(unknown)?;
        // The folder `lte.protos.oai` has the package `magma.lte.oai`.
        let mut name = String::from("magma");
        for part in folder.split('.').filter(|part| *part != "protos").chain([message]) {
            name.extend([".", part]);
        }
        match StateTypes::load().knows(&name) {
            true => Ok(Self::Message(name)),
            false => Err(unknown()),
        }
    }

    /// The JSON of a message.
    ///
    /// # Errors
    /// When the bytes are no such message, in words.
    pub(crate) fn json(&self, message: Vec<u8>) -> Result<Vec<u8>, String> {
        match self {
            Self::Json => match serde_json::from_slice::<IgnoredAny>(&message) {
                Ok(_) => Ok(message),
                Err(error) => Err(format!("it is not JSON: {error}")),
            },
            Self::Message(name) => match StateTypes::load().encode(name, &message) {
                Ok(json) => Ok(json.to_string().into_bytes()),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_modules_name_packages() {
        for (module, message, expected) in [
            ("lte.protos.keyval_pb2", "IPDesc", Ok("magma.lte.IPDesc")),
            ("lte.protos.oai.s1ap_state_pb2", "UeDescription", Ok("magma.lte.oai.UeDescription")),
            ("lte.protos.keyval_pb2", "Unheard", Err("does not know the messages Unheard")),
            ("other", "IPDesc", Err("of other")),
        ] {
            match (Format::of_python(module, message), expected) {
                (Ok(Format::Message(name)), Ok(expected)) => assert_eq!(name, expected),
                (Err(text), Err(part)) => assert!(text.contains(part), "{text}"),
                (found, _) => panic!("{module}: {found:?}"),
            }
        }
    }

    #[test]
    fn json_stays_as_it_is_and_must_be_json() {
        let text = br#"{"py/object": "x",  "a": 1}"#.to_vec();
        assert_eq!(Format::Json.json(text.clone()), Ok(text));
        assert!(Format::Json.json(b"{".to_vec()).unwrap_err().contains("not JSON"));
    }
}
