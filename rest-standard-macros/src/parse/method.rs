//! Impl blocks: `#[custom_methods]` and the `#[custom_method(…)]` within.
//!
//! Only signatures are read: a body that an author is still typing stays as it is, for the compiler to judge.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Generics, Signature, Token, Type, Visibility, braced,
    parse::{ParseStream, Parser},
    token,
};

use super::{cfgs, expect_kind, resource::no_options, take_arguments};
use crate::{
    attr,
    code::Code,
    diag::{Problem, Sink},
    doc,
    model::{RawMethod, RawMethods},
    symbol,
};

/// Reads an impl block with `#[custom_methods]`.
pub(crate) fn methods(arguments: TokenStream, item: TokenStream, sink: &mut Sink) -> Option<RawMethods> {
    no_options("custom_methods", arguments, sink);
    if !expect_kind(&item, "custom_methods", "impl", sink) {
        return None;
    }
    let read = |input: ParseStream<'_>| block(input, sink);
    match read.parse2(item) {
        Ok(methods) => methods,
        Err(error) => {
            sink.push(Problem::unreadable(&error).help("write `impl Device { … }`"));
            None
        }
    }
}

fn block(input: ParseStream<'_>, sink: &mut Sink) -> syn::Result<Option<RawMethods>> {
    let attributes = Attribute::parse_outer(input)?;
    let keyword: Token![impl] = input.parse()?;
    let generics: Generics = input.parse()?;
    if !generics.params.is_empty() {
        sink.push(
            Problem::at(Code::Generic, &generics, "`#[custom_methods]` does not support generic parameters")
                .note("a resource has no generic parameters either")
                .help("write the methods in an `impl` block of the resource"),
        );
        input.parse::<TokenStream>()?;
        return Ok(None);
    }
    let self_ty: Type = input.parse()?;
    if input.peek(Token![for]) {
        let with: Token![for] = input.parse()?;
        sink.push(
            Problem::at(
                Code::MethodsOfTrait,
                quote!(#self_ty #with),
                "custom methods cannot be methods of a trait",
            )
            .note("the API's verbs are the type's own methods")
            .help("move them to an `impl` block of the type itself"),
        );
        input.parse::<TokenStream>()?;
        return Ok(None);
    }
    if !input.peek(token::Brace) {
        return Err(input.error("expected the methods in braces"));
    }
    let content;
    let braces = braced!(content in input);
    let is_empty = content.is_empty();
    let (mut items, mut methods) = (TokenStream::new(), Vec::new());
    items.extend(Attribute::parse_inner(&content)?.iter().map(ToTokens::to_token_stream));
    while !content.is_empty() {
        member(&content, &mut items, &mut methods, sink)?;
    }
    let cfgs = cfgs(&attributes);
    let mut block = quote!(#(#attributes)* #keyword #self_ty);
    braces.surround(&mut block, |tokens| tokens.extend(items));
    Ok(Some(RawMethods { block, self_ty, cfgs, is_empty, methods }))
}

/// Reads one item of the block.
fn member(
    content: ParseStream<'_>,
    items: &mut TokenStream,
    methods: &mut Vec<RawMethod>,
    sink: &mut Sink,
) -> syn::Result<()> {
    let mut attributes = content.call(Attribute::parse_outer)?;
    let arguments = take_arguments(&mut attributes, symbol::METHOD_ATTRIBUTE, sink);
    // Left in place, it would be refused a second time, as an attribute of a block.
    if let Some(at) = attributes.iter().position(|attribute| attr::is(attribute, "custom_methods")) {
        let attribute = attributes.remove(at);
        sink.push(
            Problem::at(
                Code::WrongItem,
                attribute.path(),
                "`#[custom_methods]` stands on the block, not on a method",
            )
            .help("write `#[custom_method]`"),
        );
    }
    let vis: Visibility = content.parse()?;
    let Some(arguments) = arguments else {
        items.extend(quote!(#(#attributes)* #vis));
        return other_member(content, items);
    };
    if content.fork().parse::<Signature>().is_err()
        && !content.peek(Token![fn])
        && !content.peek(Token![async])
    {
        sink.push(
            Problem::at(
                Code::NotAMethod,
                content.fork().parse::<TokenTree>()?,
                "`#[custom_method]` can only be applied to an `async fn`",
            )
            .help("leave the attribute out here"),
        );
        items.extend(quote!(#(#attributes)* #vis));
        return other_member(content, items);
    }
    let signature: Signature = content.parse()?;
    // The contract demands `async`, a body by value and a `Result`, which the pedantic lints would have otherwise.
    items.extend(quote! {
        #(#attributes)*
        #[allow(clippy::unused_async, clippy::needless_pass_by_value, clippy::unnecessary_wraps)]
        #vis #signature
    });
    let cfgs = cfgs(&attributes);
    let doc = doc::text(&attributes, sink);
    let mut method = RawMethod { signature, cfgs, doc, when: None, read_only: None, verb: None };
    attr::options(arguments, symbol::METHOD, symbol::VERB, sink, |name, key, input| {
        match name {
            symbol::WHEN => method.when = Some(attr::expression(key, "when = self.mode == Mode::On", input)?),
            symbol::READ_ONLY => method.read_only = Some(attr::flag(key, input)?),
            _ => method.verb = Some(attr::text(key, "verb = \"turnOn\"", input)?),
        }
        Ok(())
    });
    methods.push(method);
    other_member(content, items)
}

/// Copies an item, or the rest of a method, to its semicolon or its braces.
fn other_member(content: ParseStream<'_>, items: &mut TokenStream) -> syn::Result<()> {
    if content.fork().parse::<Signature>().is_ok() {
        content.parse::<Signature>()?.to_tokens(items);
    }
    // The braces of a constant's value are not its end.
    let mut within_value = false;
    while !content.is_empty() {
        let ends = content.peek(Token![;]) || (content.peek(token::Brace) && !within_value);
        within_value |= content.peek(Token![=]);
        content.parse::<TokenTree>()?.to_tokens(items);
        if ends {
            break;
        }
    }
    Ok(())
}

/// Refuses `#[custom_method]` outside a `#[custom_methods]` block, where nothing would collect it.
pub(crate) fn stray_method(item: &TokenStream, sink: &mut Sink) {
    let read = |input: ParseStream<'_>| {
        Attribute::parse_outer(input)?;
        input.parse::<Visibility>()?;
        let signature = input.fork().parse::<Signature>().ok();
        let rest: TokenStream = input.parse()?;
        Ok(signature.map_or(rest, |signature| signature.ident.to_token_stream()))
    };
    let at = read.parse2(item.clone()).unwrap_or_else(|_| item.clone());
    sink.push(
        Problem::at(
            Code::StrayMethod,
            at,
            "`#[custom_method]` only works inside a `#[custom_methods]` block",
        )
        .help("write `#[custom_methods]` above the method's `impl`"),
    );
}
