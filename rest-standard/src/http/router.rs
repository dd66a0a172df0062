//! The API as a plain `axum::Router`, for authors who add layers, merge routes or test without a socket.

use std::convert::Infallible;

use axum::{body::Body, extract::Request};

use super::{Handler, cors, merge};

/// A router that answers everything with the API, but for the author's own routes.
///
/// axum's path syntax has no `:verb` behind a parameter, and an unknown address must be enveloped too; so the API is one
/// fallback that resolves addresses itself.
///
/// # Panics
///
/// When the author's router has a fallback of its own, which axum refuses to merge.
pub(crate) fn router(handler: Handler, merged: Option<axum::Router>) -> axum::Router {
    let origins = handler.api().settings.allowed_origins.clone();
    let own = merged.map(|routes| merge::enveloped(routes, handler.clone()));
    let api = tower::service_fn(move |request: Request| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(handler.handle(request).await.map(Body::new)) }
    });
    let router = axum::Router::new().fallback_service(api);
    let router = match own {
        Some(own) => router.merge(own),
        None => router,
    };
    if origins.is_empty() { router } else { cors::readable(router, &origins) }
}
