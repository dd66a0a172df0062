//! The XML form of an answer: the tree of its JSON, token by token.
//!
//! A member is an element of its name, an element of an array is `<item>`, null is `nil="true"`. The escapes are written
//! here: a parser must give back every text as it was, and what XML libraries escape leaves out CR.

use super::tokens::{Token, Tokens};
use crate::validate::is_xml_char;

/// What stands for a character that XML 1.0 does not have. The contract keeps such characters out of every field, so only
/// what an answer repeats of its request can have them.
const REPLACEMENT: &str = "\u{fffd}";
/// The element of a member whose name no element can have.
const ENTRY: &str = "entry";

/// What an answer in JSON is in XML.
pub(crate) fn from_json(json: &[u8]) -> Vec<u8> {
    let mut writer = Writer { out: String::with_capacity(json.len() * 3 / 2 + 64), open: Vec::new() };
    writer.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut name = Element::Named("response".into());
    for token in Tokens::new(json) {
        match token {
            Token::Name(text) => {
                name = if is_name(&text) { Element::Named(text) } else { Element::Entry(text) };
                continue;
            }
            Token::EndObject | Token::EndArray => writer.end(),
            Token::BeginObject | Token::BeginArray => writer.begin(name),
            Token::Null => writer.null(&name),
            Token::Plain(text) => writer.text(&name, text),
            Token::Text(text) => writer.text(&name, &text),
        }
        // Without a name before it, what follows is an element of an array.
        name = Element::Named("item".into());
    }
    writer.out.into_bytes()
}

enum Element<'a> {
    Named(std::borrow::Cow<'a, str>),
    /// With the member's name as an attribute.
    Entry(std::borrow::Cow<'a, str>),
}

impl Element<'_> {
    fn tag(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Entry(_) => ENTRY,
        }
    }
}

struct Writer<'a> {
    out: String,
    open: Vec<Element<'a>>,
}

impl<'a> Writer<'a> {
    fn start(&mut self, element: &Element<'_>) {
        self.out.push('<');
        self.out.push_str(element.tag());
        if let Element::Entry(name) = element {
            self.out.push_str(" name=\"");
            escape(&mut self.out, name, true);
            self.out.push('"');
        }
    }

    fn begin(&mut self, element: Element<'a>) {
        self.start(&element);
        self.out.push('>');
        self.open.push(element);
    }

    fn end(&mut self) {
        if let Some(element) = self.open.pop() {
            self.close(&element);
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        self.out.push_str("</");
        self.out.push_str(element.tag());
        self.out.push('>');
    }

    fn null(&mut self, element: &Element<'_>) {
        self.start(element);
        self.out.push_str(" nil=\"true\"/>");
    }

    fn text(&mut self, element: &Element<'_>, text: &str) {
        self.start(element);
        self.out.push('>');
        escape(&mut self.out, text, false);
        self.close(element);
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

/// Appends a text so that a parser gives it back as it is. A parser turns CR into LF, and in an attribute every white space
/// into a blank, unless it is written as a reference.
fn escape(out: &mut String, text: &str, is_attribute: bool) {
    let mut copied = 0;
    for (at, char) in text.char_indices() {
        let written = match char {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '\r' => "&#13;",
            '"' if is_attribute => "&quot;",
            '\n' if is_attribute => "&#10;",
            '\t' if is_attribute => "&#9;",
            char if is_xml_char(char) => continue,
            _ => REPLACEMENT,
        };
        out.push_str(&text[copied..at]);
        out.push_str(written);
        copied = at + char.len_utf8();
    }
    out.push_str(&text[copied..]);
}

#[cfg(test)]
mod tests {
    use super::from_json;

    fn check(json: &str, xml: &str) {
        let whole = String::from_utf8(from_json(json.as_bytes())).expect("XML is UTF-8");
        assert_eq!(whole, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>{xml}</response>"));
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
