use super::{mistakes, snapshot};
use crate::expand::expand_enum;

#[test]
fn an_enum_with_implied_numbers_and_some_derives() {
    snapshot(
        "enumeration",
        expand_enum,
        "",
        "
        /// What a device does.
        #[derive(Debug, Clone)]
        pub enum Mode {
            /// Silent.
            Off,
            On,
            Ring = 7,
            Broken,
        }",
    );
}

#[test]
fn a_refused_number_is_one_mistake() {
    assert_eq!(mistakes(expand_enum, "", "enum Mode { Off = OFF, On }").len(), 1);
}
