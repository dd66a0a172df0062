use jiff::Timestamp;

use super::{Dialect, Text, condition::after_prefix, quote, quote_text, time};

#[test]
fn instants_have_a_fixed_width_and_come_back() {
    for (instant, text) in [
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000000Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("9999-12-30T22:00:00.1Z", "9999-12-30T22:00:00.100000Z"),
        ("-000001-01-01T00:00:00Z", "-000001-01-01T00:00:00Z"),
    ] {
        let instant: Timestamp = instant.parse().unwrap();
        assert_eq!(time::to_text(instant), text);
        assert_eq!(time::from_text(text), Some(instant));
    }
    let finer: Timestamp = "2026-11-21T10:00:00.000000999Z".parse().unwrap();
    assert_eq!(time::to_text(finer), "2026-11-21T10:00:00.000000Z");
    // Existing tables have no offset, and are in UTC.
    let civil: Timestamp = "2026-11-21T10:00:00.5Z".parse().unwrap();
    assert_eq!(time::from_text("2026-11-21 10:00:00.5"), Some(civil));
    assert_eq!(time::from_text("21.11.2026 10:00"), None);
    assert_eq!(time::from_text("2026-13-21T10:00:00.000000Z"), None);
    assert_eq!(time::from_text("yesterday"), None);
}

#[test]
fn names_and_texts_are_quoted() {
    assert_eq!(quote("order"), "\"order\"");
    assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    assert_eq!(quote_text("it's"), "'it''s'");
}

#[test]
fn placeholders_are_numbered() {
    for (dialect, numbered) in
        [(Dialect::Sqlite, "a = ?1 AND b = ?2"), (Dialect::Postgres, "a = $1 AND b = $2")]
    {
        let mut text = Text::new(dialect);
        text.push("a = ").bind().push(" AND b = ").bind();
        assert_eq!(text.finish(), numbered);
    }
}

#[test]
fn the_end_of_a_prefix_is_the_next_text_of_its_length() {
    for (prefix, end) in [
        ("a", Some("b")),
        ("ab", Some("ac")),
        ("a\u{10FFFF}", Some("b")),
        ("\u{D7FF}", Some("\u{E000}")),
        ("\u{10FFFF}\u{10FFFF}", None),
    ] {
        assert_eq!(after_prefix(prefix).as_deref(), end, "{prefix:?}");
    }
}
