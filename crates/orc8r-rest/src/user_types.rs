//! Bodies about users that the contract does not name.

use orc8r_model::RoleGrant;
use serde::{Deserialize, Serialize};
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

/// A new password of a user.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    pub(crate) password: String,
}

impl HasSchema for NewPassword {
    const SCHEMA: &'static Schema = &Schema::Object(&[field("password", true, Schema::Text(Text::ANY))]);
}

/// The roles of a user.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RoleGrants(pub(crate) Vec<RoleGrant>);

impl HasSchema for RoleGrants {
    const SCHEMA: &'static Schema = &ROLE_GRANTS;
}

pub(crate) const ROLE_GRANTS: Schema = Schema::List(List {
    item: &Schema::Named(&ROLE_GRANT),
    min_items: None,
    max_items: Some(100),
    unique: true,
});

static ROLE_GRANT: Definition = Definition {
    name: "role_grant",
    schema: Schema::Object(&[
        field("tenant", false, Schema::Integer(TENANT)),
        field("role", true, Schema::Text(Text { allowed: &["owner", "operator", "read_only"], ..Text::ANY })),
    ]),
};

const TENANT: Integer =
    Integer { min: 0, max: i64::MAX as i128, multiple_of: None, format: "int64", allowed: &[] };

const fn field(name: &'static str, required: bool, schema: Schema) -> Field {
    Field { name, required, empty_is_absent: false, schema }
}
