//! The resources, one file each.

mod category;
mod customer;
mod customer_customer_demo;
mod customer_demographic;
mod employee;
mod employee_territory;
mod order;
mod order_detail;
mod product;
mod region;
mod shipper;
mod supplier;
mod territory;

use rest_standard::command::Resources;

/// Registers all of them, parents before what is below them.
pub fn register(api: Resources) -> Resources {
    api
        .resource::<category::Category>()
        .resource::<customer_demographic::CustomerDemographic>()
        .resource::<customer::Customer>()
        .resource::<employee::Employee>()
        .resource::<order::Order>()
        .resource::<product::Product>()
        .resource::<region::Region>()
        .resource::<shipper::Shipper>()
        .resource::<supplier::Supplier>()
        .resource::<territory::Territory>()
        .resource::<customer_customer_demo::CustomerCustomerDemo>()
        .resource::<employee_territory::EmployeeTerritory>()
        .resource::<order_detail::OrderDetail>()
}
