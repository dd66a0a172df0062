//! The lamps as a program: the release after.

use rest_standard::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    rest_standard_tests::lamps::after::service().run().await
}
