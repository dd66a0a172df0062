//! Numbers written, counted on, out of order, and in every base.

use rest_standard::prelude::*;

#[resource_enum]
pub enum Order {
    Third = 3,
    Fourth,
    Zeroth = 0,
    First,
    Hexadecimal = 0x20,
    Binary = 0b100_0000,
    Largest = 32_767,
}

#[resource_enum]
#[derive(Default)]
pub enum Alone {
    #[default]
    Only,
}

pub fn main() {
    assert_eq!((Order::Fourth as i64, Order::First as i64, Order::Hexadecimal as i64), (4, 1, 32));
    assert_eq!((Order::default(), Alone::default()), (Order::Zeroth, Alone::Only));
    assert!(Order::First < Order::Third);
}
