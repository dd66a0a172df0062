//! What things are called in the document: names that depend on nothing but the declaration they stand for, so that
//! another resource never renames an operation, a schema or a parameter.

use crate::{
    descriptor::{Descriptor, ValueDescriptor},
    tree::{Node, Tree},
};

/// The noun of a node in operation ids and tags: its type's name; a log is called after its owner.
pub(crate) fn subject(tree: &Tree, node: &Node) -> String {
    match node.parent.filter(|_| node.is_change_log) {
        Some(owner) => format!("{}Change", tree.node(owner).descriptor.name),
        None => node.descriptor.name.to_owned(),
    }
}

/// The plural of the same noun, with the ending that the collection's segment has: `DeviceTypes`, `People`.
///
/// Where the segment is another word than the type's name, nothing tells the plural, and the noun stays as it is.
pub(crate) fn plural(tree: &Tree, node: &Node) -> String {
    let subject = subject(tree, node);
    let segment = pascal(node.descriptor.segment);
    let is_same_word = |noun: &str| {
        let (noun_last, segment_last) = (last_word(noun), last_word(&segment));
        let begin =
            noun_last.chars().zip(segment_last.chars()).take_while(|(one, other)| one == other).count();
        noun.len() - noun_last.len() == segment.len() - segment_last.len()
            && noun[..noun.len() - noun_last.len()] == segment[..segment.len() - segment_last.len()]
            && begin >= 2
    };
    if node.is_change_log {
        format!("{subject}s")
    } else if is_same_word(&subject) {
        segment
    } else {
        subject
    }
}

/// The last word of a PascalCase name.
fn last_word(name: &str) -> &str {
    name.rfind(|char: char| char.is_uppercase()).map_or(name, |at| &name[at..])
}

/// `device-types` as `DeviceTypes`.
fn pascal(kebab: &str) -> String {
    kebab.split('-').map(capitalised).collect()
}

/// The text with an upper-case first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `DeviceType` as `deviceType`.
pub(crate) fn camel(pascal: &str) -> String {
    // An abbreviation at the beginning is one word: `HTTPServer` is `httpServer`.
    let upper = pascal.chars().take_while(|char| char.is_uppercase()).count();
    let lowered = if upper > 1 && upper < pascal.chars().count() { upper - 1 } else { upper };
    pascal
        .chars()
        .enumerate()
        .flat_map(|(at, char)| if at < lowered { char.to_lowercase().collect() } else { vec![char] })
        .collect()
}

/// `DeviceType` and `displayName` as words: `device type`, `display name`.
pub(crate) fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let chars: Vec<char> = name.chars().collect();
    for (at, char) in chars.iter().enumerate() {
        let begins = char.is_uppercase()
            && at > 0
            && (!chars[at - 1].is_uppercase() || chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if begins {
            words.push(' ');
        }
        words.extend(char.to_lowercase());
    }
    words
}

/// The noun with `a` or `an` in front.
pub(crate) fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The name of the parameter that stands for a collection's id in a path: `deviceTypeId`.
pub(crate) fn id_parameter(descriptor: &Descriptor) -> String {
    format!("{}Id", camel(descriptor.name))
}

/// The schema of a resource's or value's form in answers.
pub(crate) fn output(descriptor: &Descriptor, is_change_log: bool) -> String {
    // Authors may have a type `Change` of their own.
    if is_change_log { "ApiChange".to_owned() } else { descriptor.name.to_owned() }
}

/// The schema of a value in bodies; a type that is called an input already keeps its name.
pub(crate) fn input(value: &ValueDescriptor) -> String {
    if value.name.ends_with("Input") { value.name.to_owned() } else { format!("{}Input", value.name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words_and_back() {
        assert_eq!(words("DeviceType"), "device type");
        assert_eq!(words("displayName"), "display name");
        assert_eq!(words("HTTPServer"), "http server");
        assert_eq!(camel("DeviceType"), "deviceType");
        assert_eq!(camel("HTTPServer"), "httpServer");
        assert_eq!(camel("URL"), "url");
        assert_eq!(pascal("device-types"), "DeviceTypes");
        assert_eq!(with_article("attribute"), "an attribute");
    }
}
