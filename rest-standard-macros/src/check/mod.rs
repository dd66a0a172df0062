//! `Raw…` types to judged ones: every rule of the attributes, with the reason beside it.

mod enumeration;
mod existing;
mod field;
mod index;
mod method;
mod reference;
mod resource;
mod view;

pub(crate) use self::{
    enumeration::enumeration,
    method::methods,
    resource::{resource, value},
};

/// What a field is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Collection,
    Singleton,
    Value,
}
