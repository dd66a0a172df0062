//! The resources of the table `employees`.

use rest_standard::prelude::*;

/// A row of `employees`.
#[resource(
    collection = "employees",
    id = Integer,
    table = "employees",
    key = "employee_id",
)]
#[derive(Debug)]
pub struct Employee {
    /// The column `last_name`.
    #[field(length = 0..=20)]
    pub last_name: Option<String>,
    /// The column `first_name`.
    #[field(length = 0..=10)]
    pub first_name: Option<String>,
    /// The column `title`.
    #[field(length = 0..=30)]
    pub title: Option<String>,
    /// The column `title_of_courtesy`.
    #[field(texts(Mr = "Mr.", Ms = "Ms.", Mrs = "Mrs.", Dr = "Dr."))]
    pub title_of_courtesy: Option<EmployeeTitleOfCourtesy>,
    /// The column `birth_date`.
    pub birth_date: Option<Date>,
    /// The column `hire_date`.
    pub hire_date: Option<Date>,
    /// The column `photo`.
    pub photo: Option<Bytes>,
    /// The column `reports_to`.
    #[field(filter, references = Employee)]
    pub reports_to: Option<i16>,
}

/// What `title_of_courtesy` says.
#[resource_enum]
pub enum EmployeeTitleOfCourtesy {
    /// `Mr.`.
    Mr = 0,
    /// `Ms.`.
    Ms = 1,
    /// `Mrs.`.
    Mrs = 2,
    /// `Dr.`.
    Dr = 3,
}
