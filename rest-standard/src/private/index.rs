//! What a declared index is held to that only the compiler knows: what its fields hold.

use super::text::Text;
use crate::descriptor::{FieldDescriptor, FieldKind};

/// Refuses a field of an index that holds more than one value.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_index(field: &FieldDescriptor) {
    let is_several = matches!(
        field.kind,
        FieldKind::List(_)
            | FieldKind::Map(_)
            | FieldKind::Object(_)
            | FieldKind::Foreign(_)
            | FieldKind::Json
    );
    if is_several {
        let text = Text::new("[RS115] field `").and(field.rust_name).and(
            "` is in an index, and holds more than one value\n\
             note: an index has single values\n\
             help: leave it out of the index",
        );
        panic!("{}", text.as_str());
    }
}
