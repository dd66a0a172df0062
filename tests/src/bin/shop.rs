//! The shop as a program, whose commands the tests run.

use rest_standard::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    rest_standard_tests::shop::service().run().await
}
