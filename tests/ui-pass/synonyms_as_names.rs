//! Fields called like options, here or elsewhere: only options are judged by these words.

use rest_standard::prelude::*;

#[resource(collection = "options")]
pub struct Option_ {
    pub required: bool,
    pub read_only: bool,
    pub primary_key: String,
    pub path: String,
    pub method: Method,
    #[field(rename = "collection")]
    pub singleton: String,
    pub input_only: Option<bool>,
    pub length: i64,
    pub unique: bool,
}

#[resource_enum]
pub enum Method {
    Get,
    Post,
    Uuid,
    Slug,
}

pub fn main() {
    let names: Vec<_> = Option_::DESCRIPTOR.fields.iter().map(|field| field.name).collect();
    assert_eq!(names[..3], ["required", "readOnly", "primaryKey"]);
    assert_eq!(names[5], "collection");
}
