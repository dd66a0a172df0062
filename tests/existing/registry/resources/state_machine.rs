//! The resources of what the table `device_types__state_machine` holds.

use rest_standard::prelude::*;

use super::device_type::DeviceType;

/// One state machine.
#[resource(
    singleton = "state-machine",
    parent = DeviceType,
)]
#[derive(Debug)]
pub struct StateMachine {
    /// The column `initial`.
    pub initial: StateMachineInitial,
    /// The column `transitions`.
    pub transitions: Vec<Json<serde_json::Value>>,
}

/// What `initial` says.
#[resource_enum]
pub enum StateMachineInitial {
    /// The value 0.
    Value0 = 0,
    /// The value 1.
    Value1 = 1,
    /// The value 2.
    Value2 = 2,
}
