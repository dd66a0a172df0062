//! Modules called like the crates that generated code names.

mod core {}
mod std {}
mod __private {}
mod rest_standard {}

use ::rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = "none")]
    pub owner: String,
    pub mode: Mode,
    pub step: Option<Step>,
}

#[resource_enum]
pub enum Mode {
    Off,
}

#[resource_value]
pub struct Step {
    pub to: Mode,
}

#[custom_methods]
impl Device {
    #[custom_method(when = self.mode == Mode::Off)]
    async fn ring(&mut self, input: Step, _cx: &mut Context<Self>) -> Result<Step> {
        Ok(input)
    }
}

pub fn main() {}
