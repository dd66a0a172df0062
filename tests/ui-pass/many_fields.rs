//! Sixty fields of one resource, sixty variants of one enum.

use rest_standard::prelude::*;

macro_rules! wide {
    ($($field:ident $variant:ident)*) => {
        #[resource(collection = "wide-things", id = Integer, example = 1_000)]
        pub struct WideThing { $(#[field(default = 1, filter)] pub $field: i32,)* }

        #[resource_enum]
        pub enum Many { $($variant),* }
    };
}

wide! {
    a0 A0 a1 A1 a2 A2 a3 A3 a4 A4 a5 A5 a6 A6 a7 A7 a8 A8 a9 A9 b0 B0 b1 B1 b2 B2 b3 B3 b4 B4 b5 B5 b6 B6 b7 B7 b8 B8 b9 B9
    c0 C0 c1 C1 c2 C2 c3 C3 c4 C4 c5 C5 c6 C6 c7 C7 c8 C8 c9 C9 d0 D0 d1 D1 d2 D2 d3 D3 d4 D4 d5 D5 d6 D6 d7 D7 d8 D8 d9 D9
    e0 E0 e1 E1 e2 E2 e3 E3 e4 E4 e5 E5 e6 E6 e7 E7 e8 E8 e9 E9 f0 F0 f1 F1 f2 F2 f3 F3 f4 F4 f5 F5 f6 F6 f7 F7 f8 F8 f9 F9
}

pub fn main() {
    assert_eq!((WideThing::DESCRIPTOR.fields.len(), Many::F9 as i64), (60, 59));
    assert_eq!(WideThing::DESCRIPTOR.example_id, Some("1000"));
}
