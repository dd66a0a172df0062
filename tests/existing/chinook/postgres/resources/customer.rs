//! The resources of the table `customer`.

use rest_standard::prelude::*;

use super::employee::Employee;

/// A row of `customer`.
#[resource(
    collection = "customers",
    id = Integer,
    table = "customer",
    key = "customer_id",
)]
#[derive(Debug)]
pub struct Customer {
    /// The column `first_name`.
    #[field(length = 0..=40)]
    pub first_name: String,
    /// The column `last_name`.
    #[field(length = 0..=20)]
    pub last_name: String,
    /// The column `company`.
    #[field(length = 0..=80)]
    pub company: Option<String>,
    /// The column `email`.
    #[field(length = 0..=60)]
    pub email: String,
    /// The column `support_rep_id`.
    #[field(filter, references = Employee)]
    pub support_rep_id: Option<i32>,
}
