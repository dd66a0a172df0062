//! What a declaration of a view is held to that only the compiler knows: the members of nested objects.

use super::text::{Text, same};
use crate::descriptor::{FieldDescriptor, FieldKind};

/// Refuses a view that names a member which a field's values do not have. The names before the last are checked by
/// themselves.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_member(field: &FieldDescriptor, names: &[&str]) {
    let (mut kind, mut above, mut at) = (within_lists(field.kind), field.rust_name, 0);
    while at < names.len() {
        let name = names[at];
        let is_last = at + 1 == names.len();
        match kind {
            FieldKind::Object(declared) => match member(declared.fields, name) {
                Some(member) => kind = within_lists(member.kind),
                None if is_last => refuse(declared.fields, above, name),
                None => return,
            },
            FieldKind::Map(element) => kind = within_lists(element.kind),
            _ if is_last => {
                let text = Text::new("[RS105] `").and(above).and(
                    "` has no members to name\n\
                     help: name it without what follows its dot",
                );
                panic!("{}", text.as_str());
            }
            _ => return,
        }
        above = name;
        at += 1;
    }
}

#[track_caller]
const fn refuse(fields: &[FieldDescriptor], above: &str, name: &str) {
    let mut text = Text::new("[RS105] `").and(above).and("` has no member `").and(name).and("` in answers\n");
    let mut at = 0;
    let mut begin = "help: members are ";
    while at < fields.len() {
        if !fields[at].input_only {
            text = text.and(begin).and("`").and(fields[at].rust_name).and("`");
            begin = ", ";
        }
        at += 1;
    }
    panic!("{}", text.as_str());
}

const fn within_lists(mut kind: FieldKind) -> FieldKind {
    while let FieldKind::List(element) = kind {
        kind = element.kind;
    }
    kind
}

/// The member of that name in Rust which an answer has.
const fn member<'a>(fields: &'a [FieldDescriptor], name: &str) -> Option<&'a FieldDescriptor> {
    let mut at = 0;
    while at < fields.len() {
        if same(fields[at].rust_name, name) && !fields[at].input_only {
            return Some(&fields[at]);
        }
        at += 1;
    }
    None
}
