//! How values of the model stand in columns: times as microseconds, words as text, structures as JSON. What cannot be
//! read back is an error with the column in it, never a default.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;

/// A time, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub Timestamp);

impl Time {
    /// The number that stands in the column.
    pub(crate) fn microseconds(self) -> i64 {
        // The last second that jiff knows is read back only without a fraction.
        self.0.as_microsecond().min(Timestamp::MAX.as_second() * 1_000_000)
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.microseconds().into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Timestamp::from_microsecond(value.as_i64()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A structure, as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text =
            serde_json::to_string(&self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::Owned(Value::Text(text)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// What is written as it is shown: addresses.
#[derive(Clone, Debug)]
pub(crate) struct Shown<T>(pub T);

impl<T: std::fmt::Display> ToSql for Shown<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Text(self.0.to_string())))
    }
}

impl<T: FromStr<Err: std::error::Error + Send + Sync + 'static>> FromSql for Shown<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
    }
}

/// What has a word for it: states, phases, roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<T>(pub T);

/// A value with a word for it.
pub(crate) trait Worded: Sized {
    fn word_of(&self) -> &'static str;
    fn of_word(word: &str) -> Option<Self>;
}

impl<T: Worded> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.word_of().into())
    }
}

impl<T: Worded> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        T::of_word(word)
            .map(Self)
            .ok_or_else(|| FromSqlError::Other(format!("“{word}” is none of the words here").into()))
    }
}

macro_rules! worded {
    ($($name:ty),*) => {$(
        impl Worded for $name {
            fn word_of(&self) -> &'static str {
                self.word()
            }

            fn of_word(word: &str) -> Option<Self> {
                Self::from_word(word)
            }
        }
    )*};
}

worded!(
    model::Class,
    model::DeliveryState,
    model::DkimAlgorithm,
    model::DkimShown,
    model::NetworkKind,
    model::Phase,
    model::ReportKind,
    model::Role
);

impl Worded for model::HoldReason {
    fn word_of(&self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Scheduled => "scheduled",
            Self::Paused => "paused",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Undo, Self::Scheduled, Self::Paused].into_iter().find(|reason| reason.word_of() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DeliveryState, EmailAddress, HoldReason, Role};
    use rusqlite::Connection;

    fn through<T: ToSql + FromSql>(value: T) -> rusqlite::Result<T> {
        Connection::open_in_memory().unwrap().query_row("SELECT ?1", [value], |row| row.get(0))
    }

    #[test]
    fn values_come_back_as_they_were() {
        let time: Timestamp = "2026-11-21T20:46:25.123456Z".parse().unwrap();
        assert_eq!(through(Time(time)).unwrap().0, time);
        let far = Timestamp::MAX;
        assert_eq!(through(Time(far)).unwrap().0.as_second(), far.as_second());
        for state in DeliveryState::ALL {
            assert_eq!(through(Word(state)).unwrap().0, state);
        }
        for role in Role::ALL {
            assert_eq!(through(Word(role)).unwrap().0, role);
        }
        for reason in [HoldReason::Undo, HoldReason::Scheduled, HoldReason::Paused] {
            assert_eq!(through(Word(reason)).unwrap().0, reason);
        }
        let address = EmailAddress::parse("\"odd name\"@example.org").unwrap();
        assert_eq!(through(Shown(address.clone())).unwrap().0, address);
    }

    #[test]
    fn what_is_no_word_is_an_error() {
        let connection = Connection::open_in_memory().unwrap();
        let read = connection.query_row("SELECT 'lost'", [], |row| row.get::<_, Word<DeliveryState>>(0));
        assert!(read.unwrap_err().to_string().contains("lost"));
    }
}
