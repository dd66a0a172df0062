//! A resource with inherent methods and constants called as those of the traits that it gets.

use rest_standard::prelude::*;

#[resource(collection = "devices", rules)]
pub struct Device {
    pub owner: String,
}

impl Device {
    pub const DESCRIPTOR: &'static str = "mine";
    pub const METHODS: &'static str = "mine";
    pub const LIST: &'static str = "mine";

    pub fn decode() -> &'static str {
        "mine"
    }

    pub fn encode(&self) -> &'static str {
        "mine"
    }

    pub fn on_create(&self) -> &'static str {
        "mine"
    }
}

impl Rules for Device {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

impl Mode {
    pub const KIND: &'static str = "mine";

    pub fn to_value(self) -> &'static str {
        "mine"
    }
}

pub fn main() {
    assert_eq!((Device::DESCRIPTOR, Device::decode(), Mode::KIND), ("mine", "mine", "mine"));
    assert_eq!(<Device as Resource>::DESCRIPTOR.custom_methods.len(), 1);
}
