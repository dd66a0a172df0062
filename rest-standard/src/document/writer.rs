//! Writes JSON straight into the buffer of a response.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::codec;

fn must_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// A buffer that JSON is written to, without a tree in between.
///
/// Commas are the writer's business; the caller must pair the beginnings and ends.
#[derive(Debug, Default)]
pub(crate) struct JsonWriter {
    out: Vec<u8>,
    comma: bool,
    /// The last instant that was written and where: what was never changed has the same one twice.
    instant: Option<(Timestamp, Range<usize>)>,
}

impl JsonWriter {
    /// An empty buffer of `capacity` bytes.
    #[must_use]
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity), ..Self::default() }
    }

    /// The bytes written.
    #[must_use]
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
    }

    /// Copies pieces with one look at the room that is left.
    fn copy<const N: usize>(&mut self, pieces: [&str; N]) {
        self.out.reserve(pieces.iter().map(|piece| piece.len()).sum());
        for piece in pieces {
            self.out.extend_from_slice(piece.as_bytes());
        }
    }

    /// `{`
    pub(crate) fn begin_object(&mut self) {
        self.separate();
        self.out.push(b'{');
        self.comma = false;
    }

    /// `}`
    pub(crate) fn end_object(&mut self) {
        self.out.push(b'}');
        self.comma = true;
    }

    /// `[`
    pub(crate) fn begin_array(&mut self) {
        self.separate();
        self.out.push(b'[');
        self.comma = false;
    }

    /// `]`
    pub(crate) fn end_array(&mut self) {
        self.out.push(b']');
        self.comma = true;
    }

    /// The end of a line, after which another value begins.
    pub(crate) fn end_line(&mut self) {
        self.out.push(b'\n');
        self.comma = false;
    }

    /// A member's name; what is written next is its value. Names are the framework's or checked identifiers and need no
    /// escapes.
    pub(crate) fn name(&mut self, name: &str) {
        self.copy([if self.comma { ",\"" } else { "\"" }, name, "\":"]);
        self.comma = false;
    }

    /// A string.
    pub(crate) fn string(&mut self, text: &str) {
        self.separate();
        self.out.push(b'"');
        self.escape(text);
        self.out.push(b'"');
        self.comma = true;
    }

    /// A string that is known to need no escapes.
    pub(crate) fn plain(&mut self, text: &str) {
        self.copy([if self.comma { ",\"" } else { "\"" }, text, "\""]);
        self.comma = true;
    }

    /// One complete JSON value in pieces.
    pub(crate) fn pieces<const N: usize>(&mut self, pieces: [&str; N]) {
        self.separate();
        self.copy(pieces);
        self.comma = true;
    }

    /// An instant in RFC 3339, UTC with `Z`, in microseconds at most.
    pub(crate) fn timestamp(&mut self, instant: Timestamp) {
        self.separate();
        self.out.push(b'"');
        match &self.instant {
            Some((last, place)) if *last == instant => self.out.extend_from_within(place.clone()),
            _ => {
                let start = self.out.len();
                codec::write_timestamp(&mut self.out, instant);
                self.instant = Some((instant, start..self.out.len()));
            }
        }
        self.out.push(b'"');
        self.comma = true;
    }

    fn escape(&mut self, text: &str) {
        let bytes = text.as_bytes();
        // Most text has nothing to escape; looking at all of it without a branch is what the compiler can vectorise.
        let escapes = bytes.iter().fold(false, |found, byte| found | must_escape(*byte));
        if !escapes {
            self.out.extend_from_slice(bytes);
            return;
        }
        let mut copied = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if !must_escape(*byte) {
                continue;
            }
            self.out.extend_from_slice(&bytes[copied..at]);
            copied = at + 1;
            match *byte {
                b'"' => self.out.extend_from_slice(b"\\\""),
                b'\\' => self.out.extend_from_slice(b"\\\\"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                control => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    self.out.extend_from_slice(b"\\u00");
                    self.out.push(HEX[usize::from(control >> 4)]);
                    self.out.push(HEX[usize::from(control & 15)]);
                }
            }
        }
        self.out.extend_from_slice(&bytes[copied..]);
    }

    /// An integer.
    pub(crate) fn integer(&mut self, number: i64) {
        self.separate();
        self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        self.comma = true;
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, value: bool) {
        self.raw(if value { b"true" } else { b"false" });
    }

    /// `null`
    pub(crate) fn null(&mut self) {
        self.raw(b"null");
    }

    /// One complete JSON value as text.
    pub(crate) fn raw(&mut self, json: &[u8]) {
        self.separate();
        self.out.extend_from_slice(json);
        self.comma = true;
    }

    /// A tree.
    pub(crate) fn json(&mut self, json: &Json) {
        self.separate();
        // Writing a tree of valid JSON into memory cannot fail.
        if serde_json::to_writer(&mut self.out, json).is_err() {
            self.out.extend_from_slice(b"null");
        }
        self.comma = true;
    }
}
