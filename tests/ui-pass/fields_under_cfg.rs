//! Fields, methods and whole declarations that a `cfg` leaves out take nothing with them.

use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub first: String,
    #[cfg(any())]
    #[field(filter, default = 5)]
    pub absent: Missing,
    #[cfg(not(target_os = "none"))]
    #[cfg(not(any()))]
    pub present: bool,
    #[cfg(any())]
    pub absent_too: Missing,
    #[field(default = 7)]
    pub last: i64,
}

#[cfg(any())]
#[resource(collection = "gadgets")]
pub struct Gadget {
    pub inner: Missing,
}

#[resource(collection = "gadgets")]
#[cfg(any())]
pub struct Gadget {
    pub inner: Missing,
}

#[custom_methods]
impl Device {
    #[custom_method]
    #[cfg(any())]
    async fn absent(&mut self, input: Missing, _cx: &mut Context<Self>) -> Result<Missing> {}

    #[cfg(not(target_os = "none"))]
    #[custom_method(when = self.present)]
    async fn present(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

pub fn main() {
    let device = Device { first: "a".to_owned(), present: true, last: 9 };
    let names: Vec<_> = Device::DESCRIPTOR.fields.iter().map(|field| field.name).collect();
    assert_eq!(names, ["first", "present", "last"]);
    let again = Device::decode(device.encode()).expect("a row is decoded");
    assert_eq!((again.first.as_str(), again.present, again.last), ("a", true, 9));
    assert_eq!(Device::DESCRIPTOR.custom_methods.len(), 1);
}
