//! The resources of the table `Orders`.

use rest_standard::prelude::*;

use super::customer::Customer;
use super::employee::Employee;
use super::shipper::Shipper;

/// A row of `Orders`.
#[resource(
    collection = "orders",
    id = Integer,
    table = "Orders",
    key = "OrderID",
)]
#[derive(Debug)]
pub struct Order {
    /// The column `CustomerID`.
    #[field(column = "CustomerID", filter, references = Customer)]
    pub customer_id: Option<String>,
    /// The column `EmployeeID`.
    #[field(column = "EmployeeID", filter, references = Employee)]
    pub employee_id: Option<i64>,
    /// The column `OrderDate`.
    #[field(column = "OrderDate")]
    pub order_date: Option<Date>,
    /// The column `ShippedDate`.
    #[field(column = "ShippedDate")]
    pub shipped_date: Option<Date>,
    /// The column `ShipVia`.
    #[field(column = "ShipVia", filter, references = Shipper)]
    pub ship_via: Option<i64>,
    /// The column `Freight`.
    #[field(column = "Freight")]
    pub freight: Option<f64>,
}
