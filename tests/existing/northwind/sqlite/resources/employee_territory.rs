//! The resources of the table `EmployeeTerritories`.

use rest_standard::prelude::*;

use super::employee::Employee;

/// A row of `EmployeeTerritories`.
#[resource(
    collection = "employee-territories",
    id = Slug,
    parent = Employee,
    table = "EmployeeTerritories",
    key("EmployeeID", "TerritoryID"),
)]
#[derive(Debug)]
pub struct EmployeeTerritory {
}
