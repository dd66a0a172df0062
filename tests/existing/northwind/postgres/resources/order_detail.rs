//! The resources of the table `order details`.

use rest_standard::prelude::*;

use super::order::Order;

/// A row of `order details`.
#[resource(
    collection = "order-details",
    id = Integer,
    parent = Order,
    table = "order details",
    key("order_id", "product_id"),
    without(create),
    upsert,
)]
#[derive(Debug)]
pub struct OrderDetail {
    /// The column `unit_price`.
    pub unit_price: f64,
    /// The column `quantity`.
    #[field(default = 1)]
    pub quantity: i16,
    /// The column `discount`.
    pub discount: f64,
}
