//! Enums with some derives of their own, gaps, one variant, and their numbers.

use rest_standard::prelude::*;

#[resource_enum]
#[derive(Debug, Clone, std::hash::Hash, PartialOrd)]
#[non_exhaustive]
pub enum Mode {
    Ring = 7,
    Off = 0,
    On,
}

#[resource_enum]
#[derive(Default, Eq, Copy)]
pub enum Only {
    #[default]
    One,
}

#[resource_enum]
#[repr(u8)]
pub enum Kind {
    HttpServer = 1,
    Other = 0,
    Ipv4 = 255,
}

pub fn main() {
    assert_eq!((Mode::default(), Only::default(), Kind::default()), (Mode::Off, Only::One, Kind::Other));
    assert!(Mode::Off < Mode::On && Mode::On < Mode::Ring);
    for mode in [Mode::Off, Mode::On, Mode::Ring] {
        assert_eq!(Mode::from_value(mode.to_value()).expect("a number of a variant"), mode);
    }
    assert_eq!(Kind::Ipv4.to_value(), rest_standard::__private::Value::Integer(255));
    assert!(Mode::from_value(rest_standard::__private::Value::Integer(3)).is_err());
}
