//! Parameters and columns in PostgreSQL's binary form.

use crate::StoreError;
use crate::value::{Bound, Column};
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let no = || Err(format!("{self:?} is no value of the type {wanted}").into());
        match (self, wanted) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Boolean(value), &Type::BOOL) => value.to_sql(wanted, out),
            (Self::Boolean(value), _) => Self::Integer(i64::from(*value)).to_sql(wanted, out),
            (Self::Integer(value), &Type::INT8) => value.to_sql(wanted, out),
            (Self::Integer(value), &Type::INT4) => i32::try_from(*value)?.to_sql(wanted, out),
            (Self::Integer(value), &Type::INT2) => i16::try_from(*value)?.to_sql(wanted, out),
            (Self::Integer(value), &Type::BOOL) => (*value != 0).to_sql(wanted, out),
            (Self::Real(value), &Type::FLOAT8) => value.to_sql(wanted, out),
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => text.to_sql(wanted, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(wanted, out),
            _ => no(),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The column at `index`.
pub(crate) fn column(row: &Row, index: usize) -> Result<Column<'_>, StoreError> {
    let Raw(value) = row.try_get(index).map_err(|error| StoreError::corrupt("a column", error))?;
    Ok(value)
}

struct Raw<'a>(Column<'a>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(found: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *found {
            Type::INT8 => Column::Integer(i64::from_sql(found, bytes)?),
            Type::INT4 => Column::Integer(i32::from_sql(found, bytes)?.into()),
            Type::INT2 => Column::Integer(i16::from_sql(found, bytes)?.into()),
            Type::BOOL => Column::Integer(bool::from_sql(found, bytes)?.into()),
            Type::FLOAT8 => Column::Real(f64::from_sql(found, bytes)?),
            Type::BYTEA => Column::Bytes(bytes),
            _ => Column::Text(<&str>::from_sql(found, bytes)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Column::Null))
    }

    fn accepts(found: &Type) -> bool {
        matches!(*found, Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL | Type::FLOAT8 | Type::BYTEA)
            || <&str as FromSql<'_>>::accepts(found)
    }
}
