//! Attributes of others above, below and between: derives, `repr`, `must_use`, `doc(alias)`, `allow`, `cfg_attr`.

use rest_standard::prelude::*;

/// Above.
#[derive(Clone, Debug)]
#[must_use]
#[resource(collection = "devices", changes)]
#[derive(PartialEq)]
#[non_exhaustive]
#[cfg_attr(all(), allow(dead_code))]
pub struct Device {
    #[doc(alias = "holder")]
    #[field(filter)]
    /// Between.
    #[allow(unused)]
    pub owner: String,
    #[cfg_attr(any(), doc = "never")]
    #[deprecated = "use `owner`"]
    pub tenant: Option<String>,
}

#[resource_enum]
#[repr(u16)]
#[must_use]
#[derive(PartialOrd, Ord)]
pub enum Mode {
    #[doc(alias = "none")]
    Off = 0,
    #[allow(clippy::all)]
    On = 32_767,
}

#[derive(Clone)]
#[resource_value]
#[derive(Debug, Default)]
pub struct Step {
    #[cfg_attr(any(), deprecated)]
    pub to: Mode,
}

#[custom_methods]
#[allow(clippy::all)]
impl Device {
    #[inline(never)]
    #[custom_method]
    #[must_use]
    #[cfg_attr(all(), allow(unused_variables))]
    async fn ring(&mut self, input: Step, cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

pub fn main() {
    assert_eq!(Device::DESCRIPTOR.fields[0].doc, "Between.");
    assert_eq!(Mode::On as u16, 32_767);
    let _ = (Step::default().clone(), Mode::Off < Mode::On);
}
