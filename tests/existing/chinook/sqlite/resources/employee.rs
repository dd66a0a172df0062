//! The resources of the table `Employee`.

use rest_standard::prelude::*;

/// A row of `Employee`.
#[resource(
    collection = "employees",
    id = Integer,
    table = "Employee",
    key = "EmployeeId",
)]
#[derive(Debug)]
pub struct Employee {
    /// The column `LastName`.
    #[field(column = "LastName", length = 0..=20)]
    pub last_name: String,
    /// The column `FirstName`.
    #[field(column = "FirstName", length = 0..=20)]
    pub first_name: String,
    /// The column `Title`.
    #[field(column = "Title", length = 0..=30)]
    pub title: Option<String>,
    /// The column `ReportsTo`.
    #[field(column = "ReportsTo", filter, references = Employee)]
    pub reports_to: Option<i64>,
    /// The column `BirthDate`.
    #[field(column = "BirthDate")]
    pub birth_date: Option<Timestamp>,
    /// The column `HireDate`.
    #[field(column = "HireDate")]
    pub hire_date: Option<Timestamp>,
    /// The column `Email`.
    #[field(column = "Email", length = 0..=60)]
    pub email: Option<String>,
}
