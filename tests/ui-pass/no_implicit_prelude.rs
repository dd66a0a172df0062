//! Not even the standard prelude is in scope.

#![no_implicit_prelude]

use ::rest_standard::{
    context::Context, custom_methods, error::Result, resource, resource_enum, resource_value,
};

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 1..=64, default = "none")]
    pub display_name: ::std::string::String,
    #[field(default = ::std::option::Option::Some(3))]
    pub level: ::std::option::Option<u8>,
    pub mode: Mode,
}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

#[resource_value]
pub struct Step {
    pub to: Mode,
}

#[custom_methods]
impl Device {
    #[custom_method(read_only)]
    async fn peek(&self, input: Step, _cx: &mut Context<Self>) -> Result<Step> {
        ::std::result::Result::Ok(input)
    }
}

pub fn main() {}
