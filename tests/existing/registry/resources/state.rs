//! The resources of what the table `device_types__devices__state` holds.

use rest_standard::prelude::*;

use super::device::Device;

/// One state.
#[resource(
    singleton = "state",
    parent = Device,
)]
#[derive(Debug)]
pub struct State {
    /// The column `mode`.
    pub mode: StateMode,
}

/// What `mode` says.
#[resource_enum]
pub enum StateMode {
    /// The value 0.
    Value0 = 0,
    /// The value 1.
    Value1 = 1,
    /// The value 2.
    Value2 = 2,
}
