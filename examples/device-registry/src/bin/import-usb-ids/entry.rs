//! What is sent for a line of the list: where to, what, and under which request id.
//!
//! All of it follows from the line alone, so a second run sends exactly what the first one sent.

use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::usb_ids::{List, Product, Vendor};

/// The longest display name that the registry takes, in characters.
const NAME_LENGTH: usize = 64;

/// One resource to create.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The path of the collection.
    pub(crate) collection: String,
    /// The path that the resource has once it is there.
    pub(crate) location: String,
    /// The body as it is sent.
    pub(crate) body: String,
    /// The same request has the same id, whenever it is sent.
    pub(crate) request_id: String,
    /// Whether the name was too long.
    pub(crate) is_cut: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewDeviceType<'a> {
    id: &'a str,
    display_name: &'a str,
    manufacturer: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewDevice<'a> {
    id: Uuid,
    display_name: &'a str,
    owner: &'a str,
    serial_number: &'a str,
}

/// The vendors, as device types.
pub(crate) fn device_types(root: &str, list: &List) -> Vec<Entry> {
    list.vendors.iter().map(|vendor| device_type(root, vendor)).collect()
}

/// The products, as devices.
pub(crate) fn devices(root: &str, list: &List) -> Vec<Entry> {
    let products =
        list.vendors.iter().flat_map(|vendor| vendor.products.iter().map(move |product| (vendor, product)));
    products.map(|(vendor, product)| device(root, vendor, product)).collect()
}

/// The products as devices of one new type, which comes first; what has another tag has nothing in common with them.
pub(crate) fn devices_of_one_type(root: &str, list: &List, tag: &str) -> (Entry, Vec<Entry>) {
    let id = format!("usb-{tag}");
    let body = NewDeviceType { id: &id, display_name: "USB", manufacturer: "many" };
    let device_type = Entry::new(format!("{root}/device-types"), &id, to_text(&body), false);
    let collection = format!("{root}/device-types/{id}/devices");
    let products =
        list.vendors.iter().flat_map(|vendor| vendor.products.iter().map(move |product| (vendor, product)));
    let devices = products.map(|(vendor, product)| {
        device_in(collection.clone(), &format!("{tag}:{:04x}:{:04x}", vendor.id, product.id), product)
    });
    (device_type, devices.collect())
}

fn device_type(root: &str, vendor: &Vendor) -> Entry {
    let id = slug(vendor);
    let (display_name, is_cut) = cut(&vendor.name);
    let body = NewDeviceType { id: &id, display_name, manufacturer: &vendor.name };
    Entry::new(format!("{root}/device-types"), &id, to_text(&body), is_cut)
}

fn device(root: &str, vendor: &Vendor, product: &Product) -> Entry {
    let collection = format!("{root}/device-types/{}/devices", slug(vendor));
    device_in(collection, &format!("{:04x}:{:04x}", vendor.id, product.id), product)
}

fn device_in(collection: String, serial_number: &str, product: &Product) -> Entry {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("usb:{serial_number}").as_bytes());
    let (display_name, is_cut) = cut(&product.name);
    let body = NewDevice { id, display_name, owner: "usb-ids", serial_number };
    Entry::new(collection, &id.to_string(), to_text(&body), is_cut)
}

fn slug(vendor: &Vendor) -> String {
    format!("usb-{:04x}", vendor.id)
}

/// The name up to the length that the registry takes, and whether that is less than all of it.
fn cut(name: &str) -> (&str, bool) {
    match name.char_indices().nth(NAME_LENGTH) {
        Some((end, _)) => (name[..end].trim_end(), true),
        None => (name, false),
    }
}

/// Structs have their members in one order in every build, unlike maps; the request id depends on it.
fn to_text(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("text and ids are JSON")
}

impl Entry {
    fn new(collection: String, id: &str, body: String, is_cut: bool) -> Self {
        let request = format!("POST {collection} {body}");
        let request_id = Uuid::new_v5(&Uuid::NAMESPACE_URL, request.as_bytes()).simple().to_string();
        Self { location: format!("{collection}/{id}"), collection, body, request_id, is_cut }
    }

    /// The first member that the resource does not have as this entry says; `None` where they are the same.
    pub(crate) fn difference(&self, resource: &Json) -> Option<String> {
        let sent: Json = serde_json::from_str(&self.body).expect("the body is JSON");
        let members = sent.as_object().expect("the body is an object");
        let (name, value) = members.iter().find(|(name, value)| resource.get(name) != Some(value))?;
        let there = resource.get(name).unwrap_or(&Json::Null);
        Some(format!("its `{name}` is {there}, not {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usb_ids::parse;

    const ROOT: &str = "/api/v1";

    #[test]
    fn a_vendor_becomes_a_device_type() {
        let list = parse(b"1d6b  Linux Foundation\n");
        let entry = &device_types(ROOT, &list)[0];
        assert_eq!(entry.collection, "/api/v1/device-types");
        assert_eq!(entry.location, "/api/v1/device-types/usb-1d6b");
        assert_eq!(
            entry.body,
            r#"{"id":"usb-1d6b","displayName":"Linux Foundation","manufacturer":"Linux Foundation"}"#
        );
        assert!(!entry.is_cut);
    }

    #[test]
    fn a_product_becomes_a_device_with_the_same_ids_in_every_run() {
        let list = parse(b"1d6b  Linux Foundation\n\t0002  2.0 root hub\n");
        let entry = &devices(ROOT, &list)[0];
        assert_eq!(
            entry.location,
            "/api/v1/device-types/usb-1d6b/devices/f8d118b4-9e37-5db3-bdb8-c92b8c451292"
        );
        assert_eq!(entry.request_id, "0b4f92611b955fa98172cdc02c52b7d0");
        assert!(entry.body.contains(r#""serialNumber":"1d6b:0002""#), "{}", entry.body);
    }

    #[test]
    fn a_name_is_cut_at_64_characters_and_not_within_one() {
        let name = format!("{} é", "é".repeat(63));
        assert_eq!(cut(&name), ("é".repeat(63).as_str(), true));
        assert_eq!(cut(&name[..name.len() - 2]), (&name[..name.len() - 2], false));
    }

    #[test]
    fn a_resource_with_other_content_is_told_from_the_same_one() {
        let list = parse(b"1d6b  Linux Foundation\n");
        let entry = &device_types(ROOT, &list)[0];
        let mut resource: Json = serde_json::from_str(&entry.body).unwrap();
        resource["url"] = "http://127.0.0.1:8080/api/v1/device-types/usb-1d6b".into();
        assert_eq!(entry.difference(&resource), None);
        resource["displayName"] = "Linux".into();
        assert_eq!(
            entry.difference(&resource).unwrap(),
            r#"its `displayName` is "Linux", not "Linux Foundation""#
        );
    }
}
