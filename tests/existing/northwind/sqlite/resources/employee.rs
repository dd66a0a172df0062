//! The resources of the table `Employees`.

use rest_standard::prelude::*;

/// A row of `Employees`.
#[resource(
    collection = "employees",
    id = Integer,
    table = "Employees",
    key = "EmployeeID",
)]
#[derive(Debug)]
pub struct Employee {
    /// The column `LastName`.
    #[field(column = "LastName")]
    pub last_name: Option<String>,
    /// The column `FirstName`.
    #[field(column = "FirstName")]
    pub first_name: Option<String>,
    /// The column `Title`.
    #[field(column = "Title")]
    pub title: Option<String>,
    /// The column `TitleOfCourtesy`.
    #[field(column = "TitleOfCourtesy", texts(Mr = "Mr.", Ms = "Ms.", Mrs = "Mrs.", Dr = "Dr."))]
    pub title_of_courtesy: Option<EmployeeTitleOfCourtesy>,
    /// The column `BirthDate`.
    #[field(column = "BirthDate")]
    pub birth_date: Option<Date>,
    /// The column `HireDate`.
    #[field(column = "HireDate")]
    pub hire_date: Option<Date>,
    /// The column `Photo`.
    #[field(column = "Photo")]
    pub photo: Option<Bytes>,
    /// The column `ReportsTo`.
    #[field(column = "ReportsTo", filter, references = Employee)]
    pub reports_to: Option<i64>,
}

/// What `TitleOfCourtesy` says.
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
