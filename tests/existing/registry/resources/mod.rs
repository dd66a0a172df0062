//! The resources, one file each.

mod attribute;
mod device;
mod device_type;
mod site;
mod state;
mod state_machine;

use rest_standard::command::Resources;

/// Registers all of them, parents before what is below them.
pub fn register(api: Resources) -> Resources {
    api
        .resource::<device_type::DeviceType>()
        .resource::<site::Site>()
        .resource::<attribute::Attribute>()
        .resource::<device::Device>()
        .resource::<state_machine::StateMachine>()
        .resource::<state::State>()
}
