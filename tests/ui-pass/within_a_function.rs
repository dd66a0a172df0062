//! Declarations in the body of a function, and in modules that only see their parents.

mod outer {
    pub(crate) mod inner {
        use rest_standard::prelude::*;

        #[resource(collection = "devices", parent = super::DeviceType)]
        pub(super) struct Device {
            pub(super) owner: String,
            pub(in super::super) kind: super::super::outer::Kind,
        }

        pub(crate) fn name() -> &'static str {
            <Device as Resource>::DESCRIPTOR.name
        }
    }

    #[rest_standard::resource(collection = "device-types")]
    pub(crate) struct DeviceType {
        pub(crate) owner: String,
    }

    #[rest_standard::resource_enum]
    pub(crate) enum Kind {
        Other,
    }
}

pub fn main() {
    use rest_standard::prelude::*;

    #[resource(singleton = "local")]
    pub struct Local {
        pub mode: Mode,
    }

    #[resource_enum]
    pub enum Mode {
        Off,
        On,
    }

    #[custom_methods]
    impl Local {
        #[custom_method(when = self.mode == Mode::On)]
        async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
            Ok(())
        }
    }

    assert_eq!(Local::DESCRIPTOR.custom_methods[0].verb, "ring");
    assert_eq!(outer::inner::name(), "Device");
}
