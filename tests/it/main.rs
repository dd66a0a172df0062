//! What a client can see of a service, on each store: one module for each topic of the wire contract.
//!
//! The tests are written from the contract. Each is named by the requirement that it proves, where there is one.

mod across;
mod authors;
mod batch;
mod batch_model;
mod changes;
mod conditions;
mod cors;
mod custom;
mod docs;
mod dry_run;
mod envelope;
mod errors;
mod export;
mod fields;
mod filter;
mod foreign;
mod formats;
mod fuzz;
mod hints;
mod hostile;
mod html;
mod import;
mod limits;
mod links;
mod methods;
mod model;
mod names;
mod openapi;
mod ops;
mod paging;
mod plans;
mod query;
mod references;
mod request_id;
mod rules;
mod search;
mod select;
mod singletons;
mod soft_delete;
mod standard_fields;
mod start;
mod store;
mod testing;
mod walk;
