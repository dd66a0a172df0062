//! What a query string asks for: standard parameters, equality, order, selection and pages.

mod cursor;
mod expand;
mod filter;
mod format;
mod order;
mod parameters;
mod search;
mod select;

#[cfg(feature = "fuzzing")]
pub(crate) use cursor::sign as sign_cursor;
pub(crate) use cursor::{Binding, decode as decode_cursor, encode as encode_cursor};
pub(crate) use filter::LONGEST as LONGEST_FILTER;
pub(crate) use format::{Format, Holds};
pub(crate) use order::{Use, column, column_kind, names as names_for};
pub(crate) use parameters::{Pair, Parameters, Standard, pairs, parse};
pub(crate) use search::{LONGEST as LONGEST_SEARCH, MOST_WORDS};
pub(crate) use select::{ALWAYS, Own, Part, Selection, tag_part};
