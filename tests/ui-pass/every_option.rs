//! Every option of a resource at once, written with trailing commas and in an odd order.

use rest_standard::prelude::*;

#[resource(rules, index(owner, other,), changes, index(other, owner), parent = DeviceType, upsert, methods(update, read, create, delete, list,), export, import, collection = "devices", id = Slug, slash_verbs, require_if_match, soft_delete = "36h",)]
pub struct Device {
    #[field(filter)]
    #[field(order, search, unique, immutable)]
    pub owner: String,
    #[field(output_only)]
    pub count: Option<u32>,
    #[field(input_only, rename = "passPhrase")]
    pub secret: String,
    #[field()]
    pub plain: bool,
    #[field]
    pub plainer: bool,
    #[field(on_delete = set_null, filter, references = DeviceType,)]
    pub other: Option<Uuid>,
}

#[resource(collection = "people")]
pub struct Person {
    #[field(references = Person)]
    pub friend: Option<Uuid>,
}

impl Rules for Device {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

#[resource(collection = "device-types", without(delete,))]
pub struct DeviceType {
    pub owner: String,
}

#[resource(singleton = "state", parent = Device, methods(read))]
pub struct State {
    pub mode: Option<String>,
}

pub fn main() {
    use rest_standard::__private::Method;
    let declared = Device::DESCRIPTOR;
    assert!(declared.changes && declared.upsert && declared.slash_verbs && declared.require_if_match);
    assert_eq!(declared.soft_delete, Some(36 * 3_600));
    assert!(
        declared.rules.is_some()
            && declared.methods.has(Method::Create)
            && !declared.methods.has(Method::Batch)
    );
    assert_eq!(declared.fields[2].name, "passPhrase");
    assert!(declared.fields[0].filter && declared.fields[0].immutable && declared.fields[2].input_only);
    assert!(
        DeviceType::DESCRIPTOR.methods.has(Method::List)
            && !DeviceType::DESCRIPTOR.methods.has(Method::Delete)
    );
    assert!(!State::DESCRIPTOR.methods.has(Method::Update));
}
