//! A `#[custom_methods]` block keeps everything else that stands in it.

use rest_standard::prelude::*;

#[resource(collection = "devices", slash_verbs)]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
#[allow(dead_code)]
impl Device {
    #![allow(unused_mut)]

    pub const LIMITS: [u8; 2] = [1, 2];
    const NESTED: Limits = Limits { most: 3 };

    #[must_use]
    pub const fn limit(&self) -> u8 {
        Self::NESTED.most
    }

    /// Rings.
    #[inline]
    #[custom_method]
    pub async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        let mut _unused = 1;
        Ok(())
    }

    fn owners<'a, T: AsRef<str>>(&'a self, other: &'a T) -> impl Iterator<Item = &'a str> + use<'a, T>
    where
        T: Clone,
    {
        [self.owner.as_str(), other.as_ref()].into_iter()
    }

    #[custom_method(read_only, verb = "lookAround")]
    pub(crate) async fn look(&self, cx: &mut rest_standard::context::Context<Device>) -> Result<()> {
        self.look_again(cx).await
    }

    async fn look_again(&self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

struct Limits {
    most: u8,
}

#[resource(collection = "gadgets")]
pub struct Gadget {}

#[custom_methods]
impl Gadget {}

pub fn main() {
    let verbs: Vec<_> = Device::DESCRIPTOR.custom_methods.iter().map(|method| method.verb).collect();
    assert_eq!(verbs, ["ring", "lookAround"]);
    assert!(Gadget::DESCRIPTOR.custom_methods.is_empty() && Gadget::DESCRIPTOR.fields.is_empty());
}
