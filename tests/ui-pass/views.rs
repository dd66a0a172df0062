//! Views name fields, members of objects, of elements and under keys, and what the framework gives.

use std::collections::BTreeMap;

use rest_standard::prelude::*;

#[resource_value]
#[derive(Clone)]
pub struct Door {
    pub label: String,
    #[field(rename = "floor")]
    pub storey: i32,
}

#[resource_value]
#[derive(Clone)]
pub struct Address {
    pub street_name: String,
    pub doors: Vec<Door>,
}

#[resource(
    collection = "houses",
    view(name = "summary", fields(display_name, address.street_name,)),
    view(fields(address.doors.storey, labels.env, r#type, created_at, links), name = "allOfIt"),
)]
pub struct House {
    pub display_name: String,
    pub address: Option<Address>,
    pub labels: BTreeMap<String, String>,
    #[field(rename = "kind")]
    pub r#type: String,
    #[cfg(any())]
    pub gone: Door,
}

#[resource(singleton = "state", parent = House, view(name = "brief", fields(etag)))]
pub struct State {
    #[field(default = 0)]
    pub level: i32,
}

fn main() {
    let views = House::DESCRIPTOR.views;
    assert_eq!(views.iter().map(|view| view.name).collect::<Vec<_>>(), ["summary", "allOfIt"]);
    assert_eq!(views[1].fields, ["address.doors.storey", "labels.env", "type", "created_at", "links"]);
    assert!(House::DESCRIPTOR.view("brief").is_none() && State::DESCRIPTOR.view("brief").is_some());
}
