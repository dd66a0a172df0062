//! Everything that a service's source names: `use rest_standard::prelude::*;`.
//!
//! [`Fault`](crate::error::Fault) and [`Reason`](crate::error::Reason), for an error with several faults, are not here:
//! services have types of their own with these names. They are in [`error`](crate::error).

pub use jiff::{Timestamp, civil::Date};
pub use rest_standard_macros::{custom_method, custom_methods, resource, resource_enum, resource_value};
pub use uuid::Uuid;

pub use crate::{
    command::Service,
    context::{Context, Key},
    error::{Error, Result},
    resource::{Bytes, Field, Json, Resource, ResourceValue, Root, Rules},
    value::Id,
};
