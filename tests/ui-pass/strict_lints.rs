//! A crate that denies everything.

#![deny(missing_docs, warnings, unused, nonstandard_style, rust_2018_idioms)]
#![deny(
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes,
    unused_lifetimes
)]
#![deny(elided_lifetimes_in_paths, trivial_casts, trivial_numeric_casts, unused_results, let_underscore_drop)]
#![deny(clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

use rest_standard::prelude::*;

/// A kind of device.
#[derive(Debug)]
#[resource(collection = "device-types", id = Slug, changes, rules)]
pub(crate) struct DeviceType {
    /// What people call it.
    #[field(length = 1..=64, filter, order, default = "none")]
    pub(crate) display_name: String,
    /// A share.
    #[field(range = 0.0..=1.0, default = 0.5)]
    pub(crate) share: f64,
    /// No longer used.
    #[deprecated]
    pub(crate) old: Option<String>,
}

impl Rules for DeviceType {}

/// Its state.
#[derive(Debug)]
#[resource(singleton = "state", parent = DeviceType)]
pub(crate) struct State {
    /// The mode.
    pub(crate) mode: Mode,
}

/// A mode.
#[resource_enum]
pub(crate) enum Mode {
    /// Off.
    Off,
    /// On.
    On,
}

/// A step.
#[derive(Debug)]
#[resource_value]
pub(crate) struct Step {
    /// Where to.
    #[field(default = Mode::On)]
    pub(crate) to: Mode,
}

#[custom_methods]
impl State {
    /// Goes there.
    #[custom_method(when = self.mode == Mode::On)]
    async fn go(&mut self, input: Step, _cx: &mut Context<Self>) -> Result<Step> {
        self.mode = input.to;
        Ok(input)
    }

    /// Looks.
    #[custom_method(read_only)]
    async fn look(&self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }

    /// All.
    #[custom_method]
    async fn all(_cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

pub(crate) fn main() {
    assert_eq!(State::DESCRIPTOR.custom_methods.len(), 3);
    assert_eq!(DeviceType::DESCRIPTOR.fields.len(), 3);
}
