//! The tokens of finished JSON in their order, for the formats that are made from it.
//!
//! What is read here was written by [`JsonWriter`](super::JsonWriter) or was judged before it was repeated, so it is known
//! to be valid, and nothing of it is refused.

use std::borrow::Cow;

/// A piece of JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    BeginObject,
    EndObject,
    BeginArray,
    EndArray,
    /// A member's name; its value follows.
    Name(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// A number, `true` or `false`, as it stands there.
    Plain(&'a str),
    Null,
}

/// Reads JSON from its beginning to its end, each byte once.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    json: &'a str,
    at: usize,
    /// For each object (`true`) or array that is open.
    open: Vec<bool>,
    /// Whether a member's name comes next.
    name: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(json: &'a [u8]) -> Self {
        Self { json: std::str::from_utf8(json).unwrap_or_default(), at: 0, open: Vec::new(), name: false }
    }

    /// The text from where the next token begins to the end of the value that begins there.
    pub(super) fn value(&mut self) -> &'a str {
        self.skip();
        let start = self.at;
        let depth = self.open.len();
        while self.next().is_some() && self.open.len() > depth {}
        &self.json[start..self.at]
    }

    /// Whether the next value is an object or array.
    pub(super) fn is_nested(&mut self) -> bool {
        self.skip();
        matches!(self.json.as_bytes().get(self.at), Some(b'{' | b'['))
    }

    /// Passes over white space and the signs that tell nothing beside the tokens around them.
    fn skip(&mut self) {
        let rest = &self.json.as_bytes()[self.at..];
        let signs = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':'));
        self.at += signs.count();
    }

    fn open(&mut self, is_object: bool) {
        self.at += 1;
        self.open.push(is_object);
        self.name = is_object;
    }

    fn close(&mut self) {
        self.at += 1;
        self.open.pop();
        self.end_value();
    }

    /// A value is over: in an object a name follows.
    fn end_value(&mut self) {
        self.name = self.open.last() == Some(&true);
    }

    fn string(&mut self) -> Cow<'a, str> {
        let bytes = self.json.as_bytes();
        let start = self.at;
        let mut end = start + 1;
        let mut escapes = false;
        while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'"') {
            escapes |= *byte == b'\\';
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        self.at = (end + 1).min(bytes.len());
        if escapes {
            serde_json::from_str(&self.json[start..self.at]).unwrap_or_default()
        } else {
            Cow::Borrowed(&self.json[start + 1..end])
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip();
        let bytes = self.json.as_bytes();
        Some(match bytes.get(self.at)? {
            b'{' => {
                self.open(true);
                Token::BeginObject
            }
            b'[' => {
                self.open(false);
                Token::BeginArray
            }
            b'}' => {
                self.close();
                Token::EndObject
            }
            b']' => {
                self.close();
                Token::EndArray
            }
            b'"' if self.name => {
                self.name = false;
                Token::Name(self.string())
            }
            b'"' => {
                let text = self.string();
                self.end_value();
                Token::Text(text)
            }
            _ => {
                let rest = &bytes[self.at..];
                let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                let length = rest.iter().take_while(plain).count().max(1);
                let text = self.json.get(self.at..self.at + length)?;
                self.at += length;
                self.end_value();
                if text == "null" { Token::Null } else { Token::Plain(text) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, Tokens};

    #[test]
    fn tokens_come_in_the_order_of_the_text() {
        let json = br#" { "a\u00e4" : [ 1.50e+3 , true , null , "x\"y" , {} ] , "b" : "" } "#;
        let tokens: Vec<_> = Tokens::new(json).collect();
        assert_eq!(
            tokens,
            [
                Token::BeginObject,
                Token::Name("a\u{e4}".into()),
                Token::BeginArray,
                Token::Plain("1.50e+3"),
                Token::Plain("true"),
                Token::Null,
                Token::Text("x\"y".into()),
                Token::BeginObject,
                Token::EndObject,
                Token::EndArray,
                Token::Name("b".into()),
                Token::Text("".into()),
                Token::EndObject,
            ]
        );
    }

    #[test]
    fn a_value_is_taken_as_a_whole() {
        let mut tokens = Tokens::new(br#"{"a": {"b": [1, "]"]}, "c": 2}"#);
        assert_eq!(tokens.by_ref().take(2).count(), 2);
        assert_eq!(tokens.value(), r#"{"b": [1, "]"]}"#);
        assert_eq!(tokens.next(), Some(Token::Name("c".into())));
        assert_eq!(tokens.value(), "2");
        assert_eq!(tokens.next(), Some(Token::EndObject));
    }

    #[test]
    fn what_is_no_json_ends() {
        for broken in ["{\"a", "{\"a\\", "[1,", "\u{e4}", "\"\\", "}", "]]"] {
            assert!(Tokens::new(broken.as_bytes()).count() < 10);
        }
    }
}
