use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device<T> {
    pub inner: T,
}

fn main() {}
