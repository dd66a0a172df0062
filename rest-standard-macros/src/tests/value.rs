use super::snapshot;
use crate::expand::expand_value;

#[test]
fn a_nested_struct() {
    let lines = snapshot(
        "value",
        expand_value,
        "",
        "
        /// One step of the machine.
        pub struct Transition {
            pub from: Mode,
            pub to: Mode,
            #[field(length = 1..=64)]
            pub verb: String,
        }",
    );
    assert!(lines <= 60 + 4 * 3, "{lines} lines");
}
