//! Fields, methods, types and constants called as the generated code might call its own.

use rest_standard::{custom_methods, resource, resource_enum, resource_value};

pub struct Column;
pub struct Row;
pub struct Value;
pub struct Method;
pub struct Methods;
pub struct Descriptor;
pub struct Shape;
pub struct Root;
pub struct Context;
pub struct Error;
pub struct Field;
pub const __RS_0: u8 = 0;
pub mod __rs {}

#[resource(collection = "devices")]
pub struct Device {
    pub row: String,
    #[field(default = 1)]
    pub value: i64,
    pub field: Option<i64>,
    pub fields: Vec<String>,
    #[field(default = "", example = "x")]
    pub default: String,
    pub example: Option<bool>,
    pub filter: Option<bool>,
    pub text: Option<String>,
    pub decode: Option<bool>,
    pub encode: Option<bool>,
}

#[resource_enum]
pub enum Kind {
    None,
    Some,
    Ok,
    Err,
}

#[resource_value]
pub struct Option_ {
    pub call: String,
    pub row: Option<Kind>,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn decode(
        &mut self,
        input: Option_,
        context: &mut rest_standard::context::Context<Self>,
    ) -> rest_standard::error::Result<Option_> {
        let _ = context.request_id();
        Ok(input)
    }

    #[custom_method(when = self.encode == Some(true))]
    async fn encode(
        &self,
        __call: Option_,
        __cx: &mut rest_standard::context::Context<Self>,
    ) -> rest_standard::error::Result<()> {
        Ok(())
    }
}

pub fn main() {
    use rest_standard::resource::Resource;
    assert_eq!(Device::DESCRIPTOR.fields.len(), 10);
}
