//! Examples of every kind of field, beside every other option.

use std::collections::BTreeMap;

use rest_standard::prelude::*;

const LOUD: i64 = 9;

#[resource(
    collection = "samples",
    id = Slug,
    example = "a-9",
)]
pub struct Sample {
    #[field(example = "text", length = 2..=8)]
    pub text: String,
    #[field(input_only, example = "secret")]
    pub secret: Option<String>,
    #[field(output_only, example = 3, default = 0)]
    pub count: u32,
    #[field(example = -0.5, range = -1.0..=1.0)]
    pub share: f64,
    #[field(example = LOUD, range = 0..=10)]
    pub volume: i64,
    #[field(example = true)]
    pub enabled: bool,
    #[field(example = Mode::On)]
    pub mode: Mode,
    #[field(example = Uuid::nil())]
    pub uuid: Uuid,
    #[field(example = Timestamp::UNIX_EPOCH)]
    pub at: Timestamp,
    #[field(example = Some(Date::constant(2026, 11, 21)))]
    pub on: Option<Date>,
    #[field(example = BTreeMap::from([("a".to_owned(), 1)]), default = BTreeMap::new())]
    pub counts: BTreeMap<String, i64>,
    #[field(example = "de", format = hostname, pattern = "[a-z]+")]
    pub language: Option<String>,
}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

pub fn main() {
    assert_eq!(Sample::DESCRIPTOR.example_id, Some("a-9"));
    assert!(Sample::DESCRIPTOR.fields.iter().all(|field| field.example.is_some()));
}
