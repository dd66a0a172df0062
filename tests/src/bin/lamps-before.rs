//! The lamps as a program: the release before.

use rest_standard::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    rest_standard_tests::lamps::before::service().run().await
}
