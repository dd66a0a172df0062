//! The resources of the table `Order Details`.

use rest_standard::prelude::*;

use super::order::Order;

/// A row of `Order Details`.
#[resource(
    collection = "order-details",
    id = Integer,
    parent = Order,
    table = "Order Details",
    key("OrderID", "ProductID"),
    without(create),
    upsert,
)]
#[derive(Debug)]
pub struct OrderDetail {
    /// The column `UnitPrice`.
    #[field(column = "UnitPrice", default = 0.0)]
    pub unit_price: f64,
    /// The column `Quantity`.
    #[field(column = "Quantity", default = 1)]
    pub quantity: i64,
    /// The column `Discount`.
    #[field(column = "Discount", default = 0.0)]
    pub discount: f64,
}
