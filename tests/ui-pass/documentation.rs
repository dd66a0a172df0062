//! Documentation in every form that is literal text.

use rest_standard::prelude::*;

/**
 * A block.
 */
#[resource(collection = "devices")]
#[doc = "More of it."]
pub struct Device {
    /// Quotes: "a" and \n, braces: {} {{ }}, and `code`.
    #[doc = r#"Raw "text"."#]
    pub owner: String,
    //
    // No documentation.
    pub volume: i64,
    #[doc(hidden)]
    pub hidden: bool,
}

macro_rules! documented {
    ($(#[$attribute:meta])* $name:ident) => {
        #[resource_value]
        $(#[$attribute])*
        pub struct $name {}
    };
}

documented! {
    /// From a macro.
    Step
}

pub fn main() {
    assert!(Device::DESCRIPTOR.doc.ends_with("More of it."));
    assert!(Device::DESCRIPTOR.fields[0].doc.contains("{} {{ }}"));
    assert_eq!(Device::DESCRIPTOR.fields[0].doc.lines().count(), 2);
    assert_eq!(Step::DESCRIPTOR.doc, "From a macro.");
}
