//! Impls of the author's beside the generated ones: traits, operators, generics over the resource.

use std::{fmt, ops::Deref};

use rest_standard::prelude::*;

#[resource(collection = "devices")]
#[derive(Clone, Default)]
pub struct Device {
    pub owner: String,
    pub mode: Mode,
}

impl Deref for Device {
    type Target = str;

    fn deref(&self) -> &str {
        &self.owner
    }
}

impl Drop for Device {
    fn drop(&mut self) {}
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<T> From<Option<T>> for Device {
    fn from(_: Option<T>) -> Self {
        Self::default()
    }
}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

impl From<Mode> for bool {
    fn from(mode: Mode) -> Self {
        mode == Mode::On
    }
}

pub struct Holder<R: Resource>(pub Option<R>);

pub fn name<R: Resource>(_: &Holder<R>) -> &'static str {
    R::DESCRIPTOR.name
}

#[custom_methods]
impl Device {
    #[custom_method(when = bool::from(self.mode))]
    async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

pub fn main() {
    assert_eq!(name(&Holder::<Device>(None)), "Device");
    assert_eq!(Device::from(Some(1)).to_string(), "");
}
