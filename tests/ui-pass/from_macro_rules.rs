//! Declarations made by `macro_rules!`, with names, types, options and bodies from both sides.

use rest_standard::prelude::*;

macro_rules! device {
    ($(#[$meta:meta])* $name:ident at $segment:literal { $($field:ident: $ty:ty = $default:expr),* $(,)? } when $allowed:expr) => {
        $(#[$meta])*
        #[resource(collection = $segment, changes)]
        pub struct $name {
            $(
                #[field(default = $default, filter)]
                pub $field: $ty,
            )*
            /// Written in the macro.
            #[field(length = 1..=8)]
            pub inner: String,
        }

        #[custom_methods]
        impl $name {
            /// Rings.
            #[custom_method(when = self.inner.len() < $allowed)]
            async fn ring(&mut self, cx: &mut Context<Self>) -> Result<()> {
                let _ = (&self.inner, cx.request_id());
                Ok(())
            }

            #[custom_method]
            async fn take(&mut self, input: Input, _cx: &mut Context<Self>) -> Result<Input> {
                Ok(input)
            }
        }
    };
}

macro_rules! mode {
    ($name:ident: $($variant:ident = $number:literal),*) => {
        #[resource_enum]
        pub enum $name { $($variant = $number),* }
    };
}

macro_rules! value {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[resource_value]
        pub struct $name { $(pub $field: $ty),* }
    };
}

mode!(Mode: Off = 0, On = 1);
value!(Input { to: Mode, names: Vec<String> });

device! {
    /// One device.
    Device at "devices" { volume: i64 = 5, owner: String = "none", mode: Mode = Mode::On } when 8
}

pub fn main() {
    assert_eq!(Device::DESCRIPTOR.doc, "One device.");
    assert_eq!(Device::DESCRIPTOR.fields.len(), 4);
    assert!(Device::DESCRIPTOR.custom_methods[0].when.is_some());
}
