//! Entity tags (RFC 9110 §8.8) and the conditions on them.

/// The entity tag of a revision, with its quotes.
#[must_use]
pub(crate) fn of_revision(revision: i64) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut tag = String::with_capacity(18);
    tag.push('"');
    for byte in revision.to_be_bytes() {
        tag.push(char::from(HEX[usize::from(byte >> 4)]));
        tag.push(char::from(HEX[usize::from(byte & 15)]));
    }
    tag.push('"');
    tag
}

/// The entity tag of one representation of the resource whose own tag is `tag`: the JSON of the whole resource has that one,
/// any other has a part within the quotes for each way in which it differs, such as `;xml`. Each part has letters, digits
/// and `-` only and says itself what it is a part of; they always come in the same order.
#[must_use]
pub(crate) fn of_representation<'a>(tag: &str, parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut own = tag.strip_suffix('"').unwrap_or(tag).to_owned();
    for part in parts {
        own.push(';');
        own.push_str(part);
    }
    own.push('"');
    own
}

/// A parsed `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// `*`
    Any,
    /// Tags without `W/`, each with whether it was weak.
    Tags(Vec<(String, bool)>),
}

impl Condition {
    /// Parses the value of `If-Match` or `If-None-Match`; `None` when it is neither `*` nor a list of entity tags.
    #[must_use]
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if value == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = value;
        loop {
            // A recipient ignores empty elements of a list (RFC 9110 §5.6.1.2).
            rest = rest.trim_start_matches([',', ' ', '\t']);
            if rest.is_empty() {
                return (!tags.is_empty()).then_some(Self::Tags(tags));
            }
            let weak = rest.starts_with("W/");
            let quoted = if weak { &rest[2..] } else { rest };
            let inner = quoted.strip_prefix('"')?;
            let end = inner.find('"')?;
            if inner[..end].bytes().any(|byte| byte < 0x21 || byte == 0x7f) {
                return None;
            }
            tags.push((format!("\"{}\"", &inner[..end]), weak));
            rest = inner[end + 1..].trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        }
    }

    /// Whether `If-Match` holds for a resource with the tag `current`: any strong tag of the revision, whatever the suffix
    /// that tells its representations apart.
    #[must_use]
    pub(crate) fn matches_strongly(&self, current: &str) -> bool {
        let revision = |tag: &str| tag.trim_matches('"').split(';').next().unwrap_or_default().to_owned();
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|(tag, weak)| !weak && revision(tag) == revision(current)),
        }
    }

    /// Whether `If-None-Match` meets the representation with the tag `current`, compared weakly and as a whole.
    #[must_use]
    pub(crate) fn matches_weakly(&self, current: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|(tag, _)| tag == current),
        }
    }
}
