//! The resources of the table `CustomerCustomerDemo`.

use rest_standard::prelude::*;

use super::customer::Customer;

/// A row of `CustomerCustomerDemo`.
#[resource(
    collection = "customer-customer-demos",
    id = Text,
    parent = Customer,
    table = "CustomerCustomerDemo",
    key("CustomerID", "CustomerTypeID"),
)]
#[derive(Debug)]
pub struct CustomerCustomerDemo {
}
