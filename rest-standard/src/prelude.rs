//! Everything that a service's source names: `use rest_standard::prelude::*;`.

pub use jiff::{Timestamp, civil::Date};
pub use rest_standard_macros::{custom_method, custom_methods, resource, resource_enum, resource_value};
pub use uuid::Uuid;

pub use crate::{
    command::Service,
    context::{Context, Key},
    error::{Error, Result},
    resource::{Bytes, Field, Resource, ResourceValue, Root, Rules},
    value::Id,
};
