//! What a device is doing.

use rest_standard::prelude::*;

use crate::{Device, DeviceType, StateMachine};

/// Whether a device is off, armed or ringing. It changes as the state machine of the device's type allows, and in no other way.
#[resource(singleton = "state", parent = Device, rules)]
#[derive(Debug)]
pub struct DeviceState {
    /// What the device is doing.
    #[field(example = Mode::On)]
    pub mode: Mode,
}

/// What a device can be doing.
#[resource_enum]
pub enum Mode {
    /// Nothing.
    Off = 0,
    /// Watching.
    On,
    /// Making noise.
    Ring,
}

/// Where a transition leads.
#[resource_value]
#[derive(Debug)]
pub struct TransitionTarget {
    /// The mode to go to.
    #[field(required, example = Mode::Ring)]
    pub to: Mode,
}

impl Rules for DeviceState {
    /// The state machine of the device's type judges every change of mode, by a verb as by PUT and PATCH.
    async fn on_update(&mut self, before: &Self, cx: &mut Context<Self>) -> Result<()> {
        let (from, to) = (before.mode, self.mode);
        if from == to {
            return Ok(());
        }
        let device_type = cx.parent::<DeviceType>();
        let machine = cx.read(&device_type.singleton::<StateMachine>()).await?;
        if machine.allows(from, to) {
            return Ok(());
        }
        Err(Error::failed_precondition(format!(
            "The state machine of the device's type has no transition from {from:?} to {to:?}."
        )))
    }
}

#[custom_methods]
impl DeviceState {
    /// Goes to another mode, where the state machine of the device's type allows it.
    #[custom_method]
    async fn transition(&mut self, target: TransitionTarget, _cx: &mut Context<Self>) -> Result<()> {
        self.mode = target.to;
        Ok(())
    }

    /// Lets the device ring, where the state machine of its type allows it.
    #[custom_method(when = self.mode == Mode::On)]
    async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.mode = Mode::Ring;
        Ok(())
    }

    /// Ends the noise, where the state machine of the device's type allows it.
    #[custom_method(when = self.mode == Mode::Ring)]
    async fn silence(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.mode = Mode::On;
        Ok(())
    }
}
