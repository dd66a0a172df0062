//! The resources of the table `employee`.

use rest_standard::prelude::*;

/// A row of `employee`.
#[resource(
    collection = "employees",
    id = Integer,
    table = "employee",
    key = "employee_id",
)]
#[derive(Debug)]
pub struct Employee {
    /// The column `last_name`.
    #[field(length = 0..=20)]
    pub last_name: String,
    /// The column `first_name`.
    #[field(length = 0..=20)]
    pub first_name: String,
    /// The column `title`.
    #[field(length = 0..=30)]
    pub title: Option<String>,
    /// The column `reports_to`.
    #[field(filter, references = Employee)]
    pub reports_to: Option<i32>,
    /// The column `birth_date`.
    pub birth_date: Option<Timestamp>,
    /// The column `hire_date`.
    pub hire_date: Option<Timestamp>,
    /// The column `email`.
    #[field(length = 0..=60)]
    pub email: Option<String>,
}
