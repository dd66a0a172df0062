//! Every form of `length`, `range`, `pattern` and `format`.

use rest_standard::prelude::*;

#[resource(collection = "samples", id = Integer)]
pub struct Sample {
    #[field(length = 8)]
    pub exact: String,
    #[field(length = ..=8)]
    pub most: Option<String>,
    #[field(length = 2..)]
    pub least: Vec<String>,
    #[field(length = 2..5, pattern = r"[0-9]{2,4}", format = hostname)]
    pub half_open: String,
    #[field(range = -5..5, filter, order)]
    pub signed: i32,
    #[field(range = ..=0x10)]
    pub hexadecimal: Option<u8>,
    #[field(range = 1..)]
    pub positive: u32,
    #[field(range = -0.5..=0.5)]
    pub share: f64,
    #[field(range = 0.0..)]
    pub weight: Option<f64>,
    #[field(format = ipv6, unique, immutable)]
    pub address: Option<String>,
    pub display_name: Option<String>,
}

pub fn main() {
    let fields = Sample::DESCRIPTOR.fields;
    let lengths: Vec<_> = fields.iter().map(|field| field.length).collect();
    assert_eq!(lengths[..4], [Some((8, 8)), Some((0, 8)), Some((2, u64::MAX)), Some((2, 4))]);
    assert_eq!(lengths[10], Some((1, 63)));
    assert_eq!(fields[4].integer_bounds(), Some((-5, 4)));
    assert_eq!(fields[5].integer_bounds(), Some((0, 16)));
    assert_eq!(fields[6].integer_bounds(), Some((1, i64::from(u32::MAX))));
    assert!(fields[3].pattern.is_some_and(|pattern| pattern.regex().is_some()));
}
