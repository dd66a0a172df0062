//! The program: a registry of device types, their devices and the devices' states.

use rest_standard::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    device_registry::service().run().await
}
