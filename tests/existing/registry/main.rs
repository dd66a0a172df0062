//! The tables of a database as a REST service.

mod resources;

use rest_standard::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    Service::new("shop").version("v1", resources::register).run().await
}
