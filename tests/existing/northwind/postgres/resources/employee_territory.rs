//! The resources of the table `employee_territories`.

use rest_standard::prelude::*;

use super::employee::Employee;

/// A row of `employee_territories`.
#[resource(
    collection = "employee-territories",
    id = Slug,
    parent = Employee,
    table = "employee_territories",
    key("employee_id", "territory_id"),
)]
#[derive(Debug)]
pub struct EmployeeTerritory {
}
