//! Options, types, ids and segments that `macro_rules!` fills in, each in its own kind of fragment.

use rest_standard::prelude::*;

macro_rules! resource_of {
    ($segment:literal, $parent:path, $kind:ident, $example:literal, $field:ident: $ty:ty, $min:literal, $max:expr, $default:expr) => {
        #[resource(collection = $segment, parent = $parent, id = $kind, example = $example)]
        pub struct Made {
            #[field(range = $min..=100, default = $default, example = $min)]
            pub $field: $ty,
            #[field(example = $default)]
            pub other: Option<$ty>,
            #[field(length = $max)]
            pub text: String,
        }
    };
}

#[resource(collection = "makers")]
pub struct Maker {}

resource_of!("made-things", Maker, Slug, "first", size: i64, 1, ..=3, 5);

macro_rules! singleton_of {
    ($name:ident: $parent:ty) => {
        #[resource(singleton = "state", parent = $parent)]
        pub struct $name {
            pub mode: Option<String>,
        }
    };
}

singleton_of!(MakerState: crate::options_from_macro_rules::Maker);

pub fn main() {
    assert_eq!(Made::DESCRIPTOR.example_id, Some("first"));
    assert_eq!(Made::DESCRIPTOR.fields[0].integer_bounds(), Some((1, 100)));
    assert_eq!(Made::DESCRIPTOR.fields[2].length, Some((0, 3)));
}
