//! Cursors: the last id of a page, signed so that a client can follow them but not make them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::call::Call;
use super::item::Item;

/// What a cursor is good for; another list or order would sign another text.
const PURPOSE: &[u8] = b"items by id";

const ID: usize = 16;

/// Makes and opens cursors.
#[derive(Debug, Clone)]
pub(super) struct Cursors {
    /// Keyed once; each cursor goes on from a copy.
    mac: Hmac<Sha256>,
}

impl Cursors {
    pub(super) fn new(key: &[u8]) -> Self {
        let keyed: Hmac<Sha256> = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { mac: keyed.chain_update(PURPOSE) }
    }

    /// The absolute address of the page after these items.
    pub(super) fn next_link(&self, call: &Call, items: &[Item]) -> Option<String> {
        let mut link = first_link(call);
        link.push(if link.contains('?') { '&' } else { '?' });
        link.push_str("$cursor=");
        link.push_str(&self.seal(items.last()?.id));
        Some(link)
    }

    /// The id in a cursor that this service made.
    pub(super) fn open(&self, cursor: &str) -> Option<Uuid> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (id, tag) = bytes.split_first_chunk::<ID>()?;
        self.mac.clone().chain_update(id).verify_slice(tag).ok()?;
        Some(Uuid::from_bytes(*id))
    }

    fn seal(&self, id: Uuid) -> String {
        let mut bytes = id.as_bytes().to_vec();
        bytes.extend_from_slice(&self.mac.clone().chain_update(id.as_bytes()).finalize().into_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// The absolute address of the first page, with the other parameters as they came.
pub(super) fn first_link(call: &Call) -> String {
    let mut link = call.site.items.clone();
    for pair in call.query().split('&').filter(|pair| !pair.is_empty() && !is_cursor(pair)) {
        link.push(if link.contains('?') { '&' } else { '?' });
        link.push_str(pair);
    }
    link
}

fn is_cursor(pair: &str) -> bool {
    pair.starts_with("$cursor=") || pair.starts_with("%24cursor=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_unaltered() {
        let cursors = Cursors::new(&[7; 32]);
        let cursor = cursors.seal(Uuid::from_u128(5));
        assert_eq!(cursors.open(&cursor), Some(Uuid::from_u128(5)));
        assert_eq!(cursors.open(&cursor.replacen('A', "B", 1)), None);
        assert_eq!(Cursors::new(&[8; 32]).open(&cursor), None);
    }
}
