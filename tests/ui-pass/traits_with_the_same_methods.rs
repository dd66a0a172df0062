//! Traits in scope whose methods, for every type, are called as those that generated code calls.

use rest_standard::prelude::*;

pub trait Everything: Sized {
    fn filter(self) -> ! {
        panic!("the trait's")
    }
    fn value(&self, _: i64) -> ! {
        panic!("the trait's")
    }
    fn integer(&self, _: i64) -> ! {
        panic!("the trait's")
    }
    fn default(self, _: fn()) -> ! {
        panic!("the trait's")
    }
    fn documented(&self, _: &str) -> ! {
        panic!("the trait's")
    }
    fn to_value(&self) -> ! {
        panic!("the trait's")
    }
    fn into_output(self) -> ! {
        panic!("the trait's")
    }
    fn of(_: &Self) -> ! {
        panic!("the trait's")
    }
    fn holds(self) -> ! {
        panic!("the trait's")
    }
}

impl<T> Everything for T {}

#[resource(collection = "devices")]
pub struct Device {
    /// Documented.
    #[field(default = 5, example = 7, filter)]
    pub volume: i64,
    #[field(default = Mode::On)]
    pub mode: Mode,
}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

#[custom_methods]
impl Device {
    #[custom_method(when = self.volume > 3)]
    async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

pub fn main() {
    let fields = Device::DESCRIPTOR.fields;
    assert!(fields.iter().all(|field| field.default_value().is_some()));
    assert!(fields[0].filter && fields[0].doc == "Documented.");
}
