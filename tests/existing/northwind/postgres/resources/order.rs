//! The resources of the table `orders`.

use rest_standard::prelude::*;

use super::customer::Customer;
use super::employee::Employee;
use super::shipper::Shipper;

/// A row of `orders`.
#[resource(
    collection = "orders",
    id = Integer,
    table = "orders",
    key = "order_id",
)]
#[derive(Debug)]
pub struct Order {
    /// The column `customer_id`.
    #[field(length = 0..=5, filter, references = Customer)]
    pub customer_id: Option<String>,
    /// The column `employee_id`.
    #[field(filter, references = Employee)]
    pub employee_id: Option<i16>,
    /// The column `order_date`.
    pub order_date: Option<Date>,
    /// The column `shipped_date`.
    pub shipped_date: Option<Date>,
    /// The column `ship_via`.
    #[field(filter, references = Shipper)]
    pub ship_via: Option<i16>,
    /// The column `freight`.
    pub freight: Option<f64>,
}
