//! Values between Rust and either database: what a statement is given, and what a row gives back.

use crate::StoreError;
use crate::row::unsigned;

/// A parameter as both databases can take it. PostgreSQL wants the type of its column, so `Boolean` is one of its own;
/// SQLite keeps it as 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// What can be a parameter.
pub(crate) trait ToBound {
    fn to_bound(&self) -> Bound<'_>;
}

/// The parameters of a statement: a tuple, an array, a vector or a slice; `()` for none.
pub(crate) trait Parameters {
    fn bounds(&self) -> Vec<Bound<'_>>;
}

/// A column of a row, as the database has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Column<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Column<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Integer(_) => "a number",
            Self::Real(_) => "a fraction",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// What a column can be read as.
pub(crate) trait FromColumn: Sized {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError>;
}

fn unexpected<T>(wanted: &str, found: &Column<'_>) -> Result<T, StoreError> {
    Err(StoreError::corrupt("a column", format_args!("it holds {}, not {wanted}", found.kind())))
}

macro_rules! to_bound {
    ($($type:ty => $value:ident $bound:expr;)*) => {$(
        impl ToBound for $type {
            fn to_bound(&self) -> Bound<'_> {
                let $value = self;
                $bound
            }
        }
    )*};
}

to_bound! {
    bool => value Bound::Boolean(*value);
    i64 => value Bound::Integer(*value);
    i32 => value Bound::Integer(i64::from(*value));
    u32 => value Bound::Integer(i64::from(*value));
    u16 => value Bound::Integer(i64::from(*value));
    f64 => value Bound::Real(*value);
    str => value Bound::Text(value);
    String => value Bound::Text(value);
    [u8] => value Bound::Bytes(value);
    Vec<u8> => value Bound::Bytes(value);
}

impl<T: ToBound + ?Sized> ToBound for &T {
    fn to_bound(&self) -> Bound<'_> {
        (**self).to_bound()
    }
}

impl<T: ToBound> ToBound for Option<T> {
    fn to_bound(&self) -> Bound<'_> {
        self.as_ref().map_or(Bound::Null, T::to_bound)
    }
}

impl Parameters for () {
    fn bounds(&self) -> Vec<Bound<'_>> {
        Vec::new()
    }
}

impl<T: ToBound> Parameters for Vec<T> {
    fn bounds(&self) -> Vec<Bound<'_>> {
        self.iter().map(T::to_bound).collect()
    }
}

impl<T: ToBound> Parameters for &[T] {
    fn bounds(&self) -> Vec<Bound<'_>> {
        self.iter().map(T::to_bound).collect()
    }
}

impl<T: ToBound, const N: usize> Parameters for [T; N] {
    fn bounds(&self) -> Vec<Bound<'_>> {
        self.iter().map(T::to_bound).collect()
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),*) => {
        impl<$($name: ToBound),*> Parameters for ($($name,)*) {
            fn bounds(&self) -> Vec<Bound<'_>> {
                vec![$(self.$index.to_bound()),*]
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15);

impl FromColumn for i64 {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        match column {
            Column::Integer(value) => Ok(value),
            other => unexpected("a number", &other),
        }
    }
}

impl FromColumn for u64 {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        i64::from_column(column).map(unsigned)
    }
}

impl FromColumn for i32 {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        let value = i64::from_column(column)?;
        Self::try_from(value).or_else(|_| unexpected("a small number", &column))
    }
}

impl FromColumn for u32 {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        let value = i64::from_column(column)?;
        Self::try_from(value).or_else(|_| unexpected("a small number", &column))
    }
}

impl FromColumn for bool {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        i64::from_column(column).map(|value| value != 0)
    }
}

impl FromColumn for f64 {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        match column {
            Column::Real(value) => Ok(value),
            other => unexpected("a fraction", &other),
        }
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        match column {
            Column::Text(text) => Ok(text.to_owned()),
            other => unexpected("a text", &other),
        }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        match column {
            Column::Bytes(bytes) => Ok(bytes.to_vec()),
            other => unexpected("bytes", &other),
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        match column {
            Column::Null => Ok(None),
            other => T::from_column(other).map(Some),
        }
    }
}
