//! The resources of the table `products`.

use rest_standard::prelude::*;

use super::category::Category;
use super::supplier::Supplier;

/// A row of `products`.
#[resource(
    collection = "products",
    id = Integer,
    table = "products",
    key = "product_id",
)]
#[derive(Debug)]
pub struct Product {
    /// The column `product_name`.
    #[field(length = 0..=40)]
    pub product_name: String,
    /// The column `supplier_id`.
    #[field(filter, references = Supplier)]
    pub supplier_id: Option<i16>,
    /// The column `category_id`.
    #[field(filter, references = Category)]
    pub category_id: Option<i16>,
    /// The column `unit_price`.
    pub unit_price: Option<f64>,
    /// The column `units_in_stock`.
    pub units_in_stock: Option<i16>,
    /// The column `discontinued`.
    pub discontinued: i32,
}
