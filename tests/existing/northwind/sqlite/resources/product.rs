//! The resources of the table `Products`.

use rest_standard::prelude::*;

use super::category::Category;
use super::supplier::Supplier;

/// A row of `Products`.
#[resource(
    collection = "products",
    id = Integer,
    table = "Products",
    key = "ProductID",
)]
#[derive(Debug)]
pub struct Product {
    /// The column `ProductName`.
    #[field(column = "ProductName")]
    pub product_name: String,
    /// The column `SupplierID`.
    #[field(column = "SupplierID", filter, references = Supplier)]
    pub supplier_id: Option<i64>,
    /// The column `CategoryID`.
    #[field(column = "CategoryID", filter, references = Category)]
    pub category_id: Option<i64>,
    /// The column `UnitPrice`.
    #[field(column = "UnitPrice")]
    pub unit_price: Option<f64>,
    /// The column `UnitsInStock`.
    #[field(column = "UnitsInStock")]
    pub units_in_stock: Option<i64>,
    /// The column `Discontinued`.
    #[field(column = "Discontinued", default = "0")]
    pub discontinued: String,
}
