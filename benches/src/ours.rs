//! The same resource as a rest-standard service, which the comparison is about.

use crate::Failure;
use crate::serve::ServeOptions;

/// Serves `items` at `/api/v1/items`, filled with `options.rows` items whose `volume` is 5.
pub(crate) async fn serve(_options: &ServeOptions) -> Result<(), Failure> {
    Err("not wired yet".into())
}
