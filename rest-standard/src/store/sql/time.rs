//! Instants as text of a fixed width, so that text sorts as time does.

use jiff::{Timestamp, tz::Offset};

use crate::codec::whole_microseconds;

const TEMPLATE: [u8; 27] = *b"0000-00-00T00:00:00.000000Z";

/// `2026-11-21T10:00:00.000000Z`.
pub(crate) fn to_text(instant: Timestamp) -> String {
    let instant = whole_microseconds(instant);
    let at = Offset::UTC.to_datetime(instant);
    // Years before 0 are outside RFC 3339 and reach a store from Rust code only.
    let Ok(year) = u32::try_from(at.year()) else { return instant.to_string() };
    let mut text = TEMPLATE;
    let parts = [
        (3, year),
        (6, at.month().unsigned_abs().into()),
        (9, at.day().unsigned_abs().into()),
        (12, at.hour().unsigned_abs().into()),
        (15, at.minute().unsigned_abs().into()),
        (18, at.second().unsigned_abs().into()),
        (25, at.subsec_nanosecond().unsigned_abs() / 1_000),
    ];
    for (mut last, mut number) in parts {
        while number > 0 {
            text[last] = b'0' + (number % 10) as u8;
            number /= 10;
            last = last.saturating_sub(1);
        }
    }
    text.into_iter().map(char::from).collect()
}

/// The instant of a stored text; other forms than the fixed one are read as RFC 3339.
#[cfg(any(feature = "sqlite", test))]
pub(crate) fn from_text(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let is_fixed = bytes.len() == TEMPLATE.len()
        && bytes
            .iter()
            .zip(TEMPLATE)
            .all(|(byte, like)| if like == b'0' { byte.is_ascii_digit() } else { *byte == like });
    if !is_fixed {
        // Existing tables have instants without an offset, in UTC.
        let civil = || Offset::UTC.to_timestamp(text.parse().ok()?).ok();
        return text.parse().ok().or_else(civil);
    }
    let number = |first: usize, after: usize| {
        bytes[first..after].iter().fold(0_i32, |number, digit| number * 10 + i32::from(digit - b'0'))
    };
    let small = |first: usize| number(first, first + 2) as i8;
    let at = jiff::civil::DateTime::new(
        number(0, 4) as i16,
        small(5),
        small(8),
        small(11),
        small(14),
        small(17),
        number(20, 26) * 1_000,
    );
    Offset::UTC.to_timestamp(at.ok()?).ok()
}
