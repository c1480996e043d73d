//! A cell of a sheet.

use crate::record::Time;
use std::borrow::Cow;

/// A cell.
#[derive(Clone, Debug)]
pub(crate) enum Cell<'c> {
    Text(Cow<'c, str>),
    Number(f64),
    Time(Time),
    Empty,
}

impl<'c> Cell<'c> {
    pub(crate) fn text(text: impl Into<Cow<'c, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn count(count: u64) -> Self {
        // Exact up to 2^53; Excel shows 15 digits of it.
        #[allow(clippy::cast_precision_loss)]
        Self::Number(count as f64)
    }

    pub(crate) fn of<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, make)
    }

    pub(crate) fn time(time: Option<Time>) -> Self {
        Self::of(time, Self::Time)
    }
}
