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

#[resource(collection = "invoices", id = Text, example = "A/1", table = "Invoice", key("CustomerId", "InvoiceId",), parent = Person, created_at = "Made", created_by = "Maker", updated_at = "Changed", updated_by = "Changer",)]
pub struct Invoice {
    #[field(column = "State", texts(Open = "open", r#Closed = "closed",))]
    pub state: Progress,
}

#[resource_enum]
pub enum Progress {
    Open,
    Closed,
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
    let existing = Invoice::DESCRIPTOR.existing.as_ref().expect("it has a table of its own");
    assert_eq!((existing.name, existing.key), ("Invoice", &["CustomerId", "InvoiceId"][..]));
    assert_eq!((existing.created_at, existing.created_by), (Some("Made"), Some("Maker")));
    assert_eq!((existing.updated_at, existing.updated_by), (Some("Changed"), Some("Changer")));
    let state = &Invoice::DESCRIPTOR.fields[0];
    assert_eq!((state.column, state.rust_name, state.text_of(1)), ("State", "state", Some("closed")));
    assert!(!State::DESCRIPTOR.methods.has(Method::Update));
}
