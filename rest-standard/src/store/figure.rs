//! What a store says of its own work, to whoever watches it.

/// One number that a store keeps of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Its name in snake case, with the unit at its end where it has one: `pool_connections`. A counter's ends with
    /// `_total` when it is shown, and not here.
    pub name: &'static str,
    /// What it says, as a sentence.
    pub help: &'static str,
    /// Whether it only grows.
    pub is_counter: bool,
    /// The number.
    pub value: u64,
}

impl Figure {
    /// A number that goes up and down.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: false, value }
    }

    /// A number that only grows, and begins at 0 with the process.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: true, value }
    }
}
