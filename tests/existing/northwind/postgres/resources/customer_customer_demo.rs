//! The resources of the table `customer_customer_demo`.

use rest_standard::prelude::*;

use super::customer::Customer;

/// A row of `customer_customer_demo`.
#[resource(
    collection = "customer-customer-demos",
    id = Text,
    parent = Customer,
    table = "customer_customer_demo",
    key("customer_id", "customer_type_id"),
)]
#[derive(Debug)]
pub struct CustomerCustomerDemo {
}
