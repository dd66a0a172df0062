//! An answer as a page for people.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_SECURITY_POLICY};

use super::{
    Api,
    route::{self, Route},
};
use crate::{
    document::{self, Exchange},
    html::{self, Place, Scene},
};

impl Api {
    /// The page in place of `envelope`, and its headers.
    pub(super) fn page(
        &self,
        exchange: &Exchange,
        status: StatusCode,
        headers: &mut HeaderMap,
        envelope: &[u8],
    ) -> Bytes {
        if status == StatusCode::NOT_MODIFIED {
            // A browser takes the policy of a 304 for the page that it has kept.
            headers.insert(CONTENT_SECURITY_POLICY, html::POLICY.clone());
            return Bytes::new();
        }
        let target = match route::resolve(self, &exchange.uri).1.map(|found| found.route) {
            Ok(Route::Node(target)) => Some(target),
            _ => None,
        };
        let place = target.as_ref().map(|target| Place {
            node: self.tree.node(target.node),
            path: &target.path,
            is_collection: target.is_collection,
            verb: target.verb,
        });
        let about = self.settings.about();
        let scene = Scene {
            tree: &self.tree,
            about: &about,
            origin: &exchange.origin,
            uri: &exchange.uri,
            query: &exchange.query,
            status,
            place,
            docs: self.settings.docs,
        };
        document::replace(headers, html::page(&scene, envelope))
    }
}
