//! What a query string asks for: standard parameters, equality, order, selection and pages.

mod cursor;
mod filter;
mod format;
mod order;
mod parameters;
mod select;

pub(crate) use cursor::{Binding, decode as decode_cursor, encode as encode_cursor};
pub(crate) use filter::LONGEST as LONGEST_FILTER;
pub(crate) use format::{Format, Holds};
pub(crate) use order::{Use, column, column_kind, names as names_for};
pub(crate) use parameters::{Parameters, Standard, pairs, parse};
pub(crate) use select::{ALWAYS, Own, Part, Selection};
