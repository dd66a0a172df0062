//! What every fuzz target shares: the services, started once, and the target of its name.

use std::sync::LazyLock;

use rest_standard_tests::fuzz::{TARGETS, World};

#[doc(hidden)]
pub use libfuzzer_sys;

static WORLD: LazyLock<World> = LazyLock::new(|| World::start(false));

/// Throws `data` at a target.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(other, _)| *other == name).expect("the target is in the list");
    target.1(&WORLD, data);
}

/// The program of a target.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::run($name, data));
    };
}
