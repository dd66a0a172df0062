//! What devices of a type may do next.

use rest_standard::prelude::*;

use crate::{DeviceType, Mode};

/// The states that devices of a type go through.
#[resource(singleton = "state-machine", parent = DeviceType)]
#[derive(Debug)]
pub struct StateMachine {
    /// The mode of a device that has just been installed.
    pub initial: Mode,
    /// Every change of mode that is allowed.
    #[field(length = ..=100, default = default_transitions())]
    pub transitions: Vec<Transition>,
}

/// One allowed change of mode.
#[resource_value]
#[derive(Debug)]
pub struct Transition {
    /// The mode before.
    #[field(example = Mode::On)]
    pub from: Mode,
    /// The mode after.
    #[field(example = Mode::Ring)]
    pub to: Mode,
    /// What people call the change.
    #[field(length = ..=64, example = "ring")]
    pub verb: String,
}

impl StateMachine {
    /// Whether a device may go from one mode to another. Every device begins as `Off`, from where it gets to the initial
    /// mode when it is installed.
    #[must_use]
    pub fn allows(&self, from: Mode, to: Mode) -> bool {
        let installs = from == Mode::default() && to == self.initial;
        installs || self.transitions.iter().any(|transition| transition.from == from && transition.to == to)
    }
}

fn default_transitions() -> Vec<Transition> {
    let transition = |from, to, verb: &str| Transition { from, to, verb: verb.to_owned() };
    vec![
        transition(Mode::Off, Mode::On, "turnOn"),
        transition(Mode::On, Mode::Off, "turnOff"),
        transition(Mode::On, Mode::Ring, "ring"),
        transition(Mode::Ring, Mode::On, "silence"),
    ]
}
