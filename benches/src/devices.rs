//! The device registry with many devices: what the ratios within one service are measured on.

use rest_standard::testing::TestService;

use crate::Failure;
use crate::serve::{LISTENING, ServeOptions};

/// Serves the registry; its devices come through the API.
pub(crate) async fn serve(options: &ServeOptions) -> Result<(), Failure> {
    let store = options.open("device-registry")?;
    let service = TestService::with(device_registry::service(), store).await;
    let server = service.listen().await;
    println!("{LISTENING}{}", server.address());
    std::future::pending().await
}
