//! The list of custom methods as a trait's constant, which `#[resource]` finds without seeing the block.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Type, ext::IdentExt, spanned::Spanned};

use crate::model::{Condition, Method, Methods, Target};

/// The list, and the conditions that it names.
pub(super) fn implementation(methods: &Methods, krate: &TokenStream) -> TokenStream {
    let Methods { self_ty, cfgs, .. } = methods;
    let conditions: Vec<_> = methods.methods.iter().filter_map(|method| condition(method, krate)).collect();
    let conditions = (!conditions.is_empty()).then(|| quote!(#(#cfgs)* impl #self_ty { #(#conditions)* }));
    let entries = methods.methods.iter().map(|method| entry(method, self_ty));
    quote! {
        #conditions
        #(#cfgs)*
        #[automatically_derived]
        impl #krate::__private::PutAllCustomMethodsIntoOneBlock for #self_ty {
            const METHODS: &'static [#krate::__private::CustomMethod] = {
                use #krate::__private as __rs;
                &[#(#entries)*]
            };
        }
    }
}

fn condition_name(method: &Method) -> Ident {
    format_ident!("__rs_when_{}", method.ident.unraw())
}

/// The condition as a method, where `self` means what its author meant.
fn condition(method: &Method, krate: &TokenStream) -> Option<TokenStream> {
    let Condition { self_token, expr } = method.when.as_ref()?;
    let (cfgs, name) = (&method.cfgs, condition_name(method));
    Some(quote! {
        #(#cfgs)*
        #[doc(hidden)]
        fn #name(&#self_token) -> bool {
            #krate::__private::holds(#expr)
        }
    })
}

fn entry(method: &Method, self_ty: &Type) -> TokenStream {
    let Method { cfgs, verb, doc, read_only, output, .. } = method;
    let target = match method.target {
        Target::Collection => quote!(Collection),
        Target::Read => quote!(Read),
        Target::Write => quote!(Write),
    };
    let input = match &method.input {
        Some(input) => quote!(::core::option::Option::Some(<#input as __rs::ResourceValue>::DESCRIPTOR)),
        None => quote!(::core::option::Option::None),
    };
    let when = match &method.when {
        Some(_) => {
            // Where the type is no resource, this is the place where the compiler says so.
            let place = self_ty.span();
            let name = Ident::new(&condition_name(method).to_string(), place);
            quote_spanned!(place=> __rs::condition(|__row| __rs::when(__row, Self::#name)))
        }
        None => quote!(::core::option::Option::None),
    };
    let call = call(method, self_ty);
    quote! {
        #(#cfgs)*
        __rs::CustomMethod {
            verb: #verb,
            doc: #doc,
            target: __rs::Target::#target,
            read_only: #read_only,
            input: #input,
            output: <#output as __rs::Answer>::OUTPUT,
            when: #when,
            call: #call,
        },
    }
}

/// The shim that decodes, calls and encodes.
fn call(method: &Method, self_ty: &Type) -> TokenStream {
    let Method { ident, input, context, output, error, .. } = method;
    let name = match (method.target, input) {
        (Target::Collection, None) => quote!(call_collection),
        (Target::Collection, Some(_)) => quote!(call_collection_with),
        (Target::Read, None) => quote!(call_read),
        (Target::Read, Some(_)) => quote!(call_read_with),
        (Target::Write, None) => quote!(call_write),
        (Target::Write, Some(_)) => quote!(call_write_with),
    };
    let receiver = (method.target != Target::Collection).then(|| quote!(__this,));
    let body = input.as_ref().map(|_| quote!(__input,));
    let input = input.as_ref().map(|input| quote!(#input,));
    // One mention of the type, so that one that is no context is refused once and where it stands.
    let context = quote!(__rs::context::<#context, Self>(__cx));
    let error = error.as_ref().map_or_else(|| quote!(_), ToTokens::to_token_stream);
    // Whether the future can be sent between threads is judged at this expression.
    let future =
        quote_spanned!(ident.span()=> ::std::boxed::Box::pin(Self::#ident(#receiver #body #context)));
    quote!(|__call| __rs::#name::<#self_ty, #input #output, #error>(__call, |#receiver #body __cx| #future))
}
