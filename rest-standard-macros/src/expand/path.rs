//! The path of the runtime crate, which a user may have renamed in `Cargo.toml`.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// `::rest_standard`, or what the user calls it.
pub(super) fn krate() -> TokenStream {
    match crate_name("rest-standard") {
        Ok(FoundCrate::Name(name)) => {
            let ident = Ident::new(&name, Span::call_site());
            quote!(::#ident)
        }
        // The crate's own examples and documentation, or a crate that gets it through another.
        _ => quote!(::rest_standard),
    }
}
