//! A registry of devices in houses: what kinds there are, which are installed, and what each one is doing.
//!
//! The resources are one file each; [`service`] puts them together. Routes, checks, links, storage and the command line
//! follow from the declarations, so there is no code for them here.

mod attribute;
mod device;
mod device_state;
mod device_type;
mod sample;
mod site;
mod state_machine;

use rest_standard::prelude::*;

pub use self::{
    attribute::{Attribute, AttributeKind},
    device::Device,
    device_state::{DeviceState, Mode, TransitionTarget},
    device_type::{DeviceCategory, DeviceType},
    sample::SampleOptions,
    site::Site,
    state_machine::{StateMachine, Transition},
};

/// The device registry, ready to run.
pub fn service() -> Service {
    Service::new("device-registry")
        .version("v1", |api| {
            api.resource::<Site>()
                .resource::<DeviceType>()
                .resource::<StateMachine>()
                .resource::<Attribute>()
                .resource::<Device>()
                .resource::<DeviceState>()
        })
        .args::<SampleOptions>()
        .on_empty(sample::fill)
}
