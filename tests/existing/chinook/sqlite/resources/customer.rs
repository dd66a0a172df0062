//! The resources of the table `Customer`.

use rest_standard::prelude::*;

use super::employee::Employee;

/// A row of `Customer`.
#[resource(
    collection = "customers",
    id = Integer,
    table = "Customer",
    key = "CustomerId",
)]
#[derive(Debug)]
pub struct Customer {
    /// The column `FirstName`.
    #[field(column = "FirstName", length = 0..=40)]
    pub first_name: String,
    /// The column `LastName`.
    #[field(column = "LastName", length = 0..=20)]
    pub last_name: String,
    /// The column `Company`.
    #[field(column = "Company", length = 0..=80)]
    pub company: Option<String>,
    /// The column `Email`.
    #[field(column = "Email", length = 0..=60)]
    pub email: String,
    /// The column `SupportRepId`.
    #[field(column = "SupportRepId", filter, references = Employee)]
    pub support_rep_id: Option<i64>,
}
