//! The XML form of an answer: the tree of its JSON, token by token.
//!
//! A member is an element of its name, an element of an array is `<item>`, null is `nil="true"`.

use std::borrow::Cow;

use quick_xml::{
    Writer,
    escape::partial_escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::tokens::{Token, Tokens};
use crate::validate::is_xml_char;

/// What stands for a character that XML 1.0 does not have. The contract keeps such characters out of every field, so only
/// what an answer repeats of its request can have them.
const REPLACEMENT: &str = "\u{fffd}";
/// The element of a member whose name no element can have.
const ENTRY: &str = "entry";

/// What an answer in JSON is in XML.
pub(crate) fn from_json(json: &[u8]) -> Vec<u8> {
    let writer = Writer::new(Vec::with_capacity(json.len() * 3 / 2 + 64));
    let mut elements = Elements { writer, open: Vec::new() };
    elements.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let mut next = Element::Named("response".into());
    for token in Tokens::new(json) {
        match token {
            Token::Name(name) => {
                next = if is_name(&name) { Element::Named(name) } else { Element::Entry(name) };
                continue;
            }
            Token::BeginObject | Token::BeginArray => elements.begin(next),
            Token::EndObject | Token::EndArray => elements.end(),
            Token::Null => elements.null(&next),
            Token::Plain(text) => elements.text(next, text),
            Token::Text(text) => elements.text(next, &text),
        }
        // Without a name before it, what follows is an element of an array.
        next = Element::Named("item".into());
    }
    elements.writer.into_inner()
}

enum Element<'a> {
    Named(Cow<'a, str>),
    /// With the member's name as an attribute.
    Entry(Cow<'a, str>),
}

impl Element<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Entry(_) => ENTRY,
        }
    }

    fn start(&self) -> BytesStart<'_> {
        let mut start = BytesStart::new(self.name());
        if let Self::Entry(name) = self {
            start.push_attribute(("name", &*held(name)));
        }
        start
    }
}

struct Elements<'a> {
    writer: Writer<Vec<u8>>,
    open: Vec<Element<'a>>,
}

impl<'a> Elements<'a> {
    fn write(&mut self, event: Event<'_>) {
        // Memory takes every byte.
        let _ = self.writer.write_event(event);
    }

    fn begin(&mut self, element: Element<'a>) {
        self.write(Event::Start(element.start()));
        self.open.push(element);
    }

    fn end(&mut self) {
        if let Some(element) = self.open.pop() {
            self.write(Event::End(BytesEnd::new(element.name())));
        }
    }

    fn null(&mut self, element: &Element<'_>) {
        let mut start = element.start();
        start.push_attribute(("nil", "true"));
        self.write(Event::Empty(start));
    }

    fn text(&mut self, element: Element<'a>, text: &str) {
        self.begin(element);
        self.write(Event::Text(BytesText::from_escaped(partial_escape(&*held(text)))));
        self.end();
    }
}

/// Whether an element can be called so: ASCII letters, digits, `_`, `-` and `.`, with a letter or `_` first. Names that
/// begin with `xml` are reserved, and a colon would name a namespace.
fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_start = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    bytes.first().is_some_and(is_start)
        && bytes.iter().all(|byte| is_start(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
        && !bytes.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"xml"))
}

/// The text with what XML can hold in place of what it cannot.
fn held(text: &str) -> Cow<'_, str> {
    match text.chars().all(is_xml_char) {
        true => text.into(),
        false => text.replace(|char| !is_xml_char(char), REPLACEMENT).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::from_json;

    fn check(json: &str, xml: &str) {
        let whole = String::from_utf8(from_json(json.as_bytes())).expect("XML is UTF-8");
        assert_eq!(whole, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><response>{xml}</response>"));
    }

    #[test]
    fn a_member_is_an_element_and_an_element_is_an_item() {
        check(
            r#"{"a":{"b":1},"c":[true,[],{"d":"x"}]}"#,
            "<a><b>1</b></a><c><item>true</item><item></item><item><d>x</d></item></c>",
        );
        check(r#"{"a":null,"b":[null,""]}"#, r#"<a nil="true"/><b><item nil="true"/><item></item></b>"#);
    }

    #[test]
    fn names_that_no_element_can_have_are_attributes() {
        check(
            r#"{"a b":1,"":null,"x:y":{"1":[2]},"entry":3}"#,
            r#"<entry name="a b">1</entry><entry name="" nil="true"/><entry name="x:y"><entry name="1"><item>2</item></entry></entry><entry>3</entry>"#,
        );
        check(r#"{"xmlns":1,"_-.9":2}"#, r#"<entry name="xmlns">1</entry><_-.9>2</_-.9>"#);
        check(r#"{"\"<\t\r\n\u0000":1}"#, "<entry name=\"&quot;&lt;&#9;&#13;&#10;\u{fffd}\">1</entry>");
    }

    #[test]
    fn texts_come_back_as_they_were_but_for_what_xml_cannot_hold() {
        check(r#"{"a":"<&>]]>\"'\t\r\n"}"#, "<a>&lt;&amp;&gt;]]&gt;\"'\t&#13;\n</a>");
        check(r#"{"a":"\u0000\u001f\uffff\ud83d\ude00"}"#, "<a>\u{fffd}\u{fffd}\u{fffd}\u{1f600}</a>");
    }
}
