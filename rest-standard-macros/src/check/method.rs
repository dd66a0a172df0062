//! The rules of `#[custom_method(…)]`.

use quote::ToTokens;
use syn::{
    FnArg, GenericArgument, PathArguments, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type,
    ext::IdentExt,
};

use crate::{
    code::Code,
    diag::{Problem, Sink},
    model::{Condition, Method, Methods, RawMethod, RawMethods, Target},
    name, symbol,
};

/// Judges the methods of one block.
pub(crate) fn methods(raw: &RawMethods, sink: &mut Sink) -> Methods {
    let mut methods: Vec<Method> = Vec::new();
    for raw in &raw.methods {
        let Some(method) = method(raw, sink) else { continue };
        if let Some(earlier) =
            methods.iter().find(|earlier| earlier.verb == method.verb && earlier.cfgs.is_empty())
        {
            let text = format!("the verb `{}` is used twice", method.verb);
            let problem = match &raw.verb {
                Some(verb) => Problem::at(Code::VerbTwice, &verb.value, text),
                None => Problem::at(Code::VerbTwice, &raw.signature.ident, text),
            };
            sink.push(
                problem
                    .note(format!("method `{}` already has it", earlier.ident))
                    .help("give one of them another: `#[custom_method(verb = \"…\")]`"),
            );
        }
        methods.push(method);
    }
    // A method that could not be read was reported where it stands; an empty block is one to be filled.
    if raw.methods.is_empty() && !raw.is_empty && sink.is_empty() {
        sink.push(
            Problem::at(Code::NoCustomMethod, &raw.self_ty, "this block has no custom method")
                .note("only a method with `#[custom_method]` has an address")
                .help("write `#[custom_method]` above a method, or leave `#[custom_methods]` out"),
        );
    }
    Methods { self_ty: raw.self_ty.clone(), cfgs: raw.cfgs.clone(), methods }
}

fn method(raw: &RawMethod, sink: &mut Sink) -> Option<Method> {
    let signature = &raw.signature;
    let mut part = Sink::new();
    qualifiers(signature, &mut part);
    let receiver = receiver(signature, &mut part);
    let (input, context) = parameters(signature, &mut part);
    let output = output(signature, &mut part);
    let target = receiver.as_ref().map_or(Target::Collection, |(_, target)| *target);
    let verb = verb(raw, &mut part);
    let when = condition(raw, receiver.as_ref().map(|(receiver, _)| *receiver), &mut part);
    if let (Some(read_only), Target::Write) = (&raw.read_only, target) {
        part.push(
            Problem::at(Code::ReadOnlyWrites, read_only, "a `read_only` method cannot take `&mut self`")
                .note("it answers GET, which changes nothing")
                .help("write `&self`, or leave `read_only` out"),
        );
    }
    sink.absorb(part);
    Some(Method {
        ident: signature.ident.clone(),
        cfgs: raw.cfgs.clone(),
        verb,
        doc: raw.doc.clone(),
        target,
        read_only: raw.read_only.is_some(),
        input,
        context: context?,
        output: output.as_ref()?.0.clone(),
        error: output?.1,
        when,
    })
}

/// A custom method is an `async fn` and nothing else.
fn qualifiers(signature: &Signature, sink: &mut Sink) {
    let ident = &signature.ident;
    let must_be = |what: &str| format!("custom method `{ident}` cannot be {what}");
    if let Some(constness) = &signature.constness {
        sink.push(
            Problem::at(Code::NotAsync, constness, must_be("a `const fn`"))
                .help(format!("write `async fn {ident}`")),
        );
    } else if let Safety::Unsafe(token) = &signature.safety {
        sink.push(
            Problem::at(Code::NotAsync, token, must_be("an `unsafe fn`"))
                .note("the framework calls it for every client")
                .help(format!("write `async fn {ident}`")),
        );
    } else if let Some(abi) = &signature.abi {
        sink.push(
            Problem::at(Code::NotAsync, abi, must_be("an `extern fn`"))
                .help(format!("write `async fn {ident}`")),
        );
    } else if signature.asyncness.is_none() {
        sink.push(
            Problem::at(
                Code::NotAsync,
                signature.fn_token,
                format!("custom method `{ident}` must be an `async fn`"),
            )
            .help(format!("write `async fn {ident}`")),
        );
    }
    if !signature.generics.params.is_empty() {
        sink.push(
            Problem::at(Code::GenericMethod, &signature.generics, must_be("generic"))
                .note("it has one address, one input and one output")
                .help(format!("write `async fn {ident}` with the types in full")),
        );
    } else if let Some(clause) = &signature.generics.where_clause {
        sink.push(
            Problem::at(
                Code::GenericMethod,
                clause,
                format!("custom method `{ident}` cannot have a `where` clause"),
            )
            .help("leave it out; without generic parameters it says nothing"),
        );
    }
}

fn receiver<'a>(signature: &'a Signature, sink: &mut Sink) -> Option<(&'a Receiver, Target)> {
    let receiver = signature.receiver()?;
    let target = match &receiver.kind {
        ReceiverKind::Reference(_, _, Some(_)) => Target::Write,
        ReceiverKind::Reference(_, _, None) => Target::Read,
        _ => {
            sink.push(
                Problem::at(Code::Receiver, receiver, "a custom method takes `&mut self` or `&self`")
                    .note("what `&mut self` leaves behind is written, `&self` only reads")
                    .help("write `&mut self`, or leave it out for a method on the collection"),
            );
            Target::Write
        }
    };
    Some((receiver, target))
}

/// The types of the input and of the context. What is taken by `&mut` is the context, what is taken by value the input.
fn parameters(signature: &Signature, sink: &mut Sink) -> (Option<Type>, Option<Type>) {
    let ident = &signature.ident;
    let mut input = None::<&Type>;
    let mut context = None::<&Type>;
    let mut refused = false;
    for argument in &signature.inputs {
        let FnArg::Typed(parameter) = argument else { continue };
        let ty = &*parameter.ty;
        let problem = match ty {
            Type::Reference(reference) if reference.mutability.is_some() && context.is_none() => {
                context = Some(&*reference.elem);
                None
            }
            Type::Reference(reference) if reference.mutability.is_some() => Some(
                Problem::at(Code::ContextParameter, ty, "a custom method takes one context")
                    .help("leave one of the two out"),
            ),
            Type::Reference(_) if is_context(ty) => Some(
                Problem::at(Code::ContextParameter, ty, "the context is taken by `&mut`")
                    .help("write `cx: &mut Context<Self>`"),
            ),
            Type::Reference(_) => Some(
                Problem::at(Code::InputParameter, ty, "the input of a custom method is taken by value")
                    .note("the framework makes it for this one call")
                    .help("write the type without `&`"),
            ),
            Type::ImplTrait(_) => Some(
                Problem::at(
                    Code::InputParameter,
                    ty,
                    "the input of a custom method cannot be an `impl Trait`",
                )
                .note("its fields are checked and documented, so they must be known")
                .help("name a struct with `#[resource_value]`"),
            ),
            _ if is_context(ty) && context.is_none() => Some(
                Problem::at(Code::ContextParameter, ty, "the context is taken by `&mut`")
                    .help("write `cx: &mut Context<Self>`"),
            ),
            _ if context.is_some() => Some(
                Problem::at(Code::ContextParameter, parameter, "the context must be the last parameter")
                    .help(format!("write `async fn {ident}(…, cx: &mut Context<Self>)`")),
            ),
            _ if input.is_some() => Some(
                Problem::at(Code::InputParameter, parameter, "a custom method takes one input")
                    .note("it is the whole body of the request")
                    .help("make one struct with `#[resource_value]` of both"),
            ),
            _ => {
                input = Some(ty);
                None
            }
        };
        if let Some(problem) = problem {
            sink.push(problem);
            refused = true;
        }
    }
    if context.is_none() && !refused {
        sink.push(
            Problem::at(Code::ContextParameter, ident, format!("custom method `{ident}` takes no context"))
                .help("add `cx: &mut Context<Self>` as the last parameter"),
        );
    }
    (input.cloned(), context.cloned())
}

/// Whether a type is called `Context`: only ever a hint for a better message.
fn is_context(ty: &Type) -> bool {
    let ty = match ty {
        Type::Reference(reference) => &reference.elem,
        other => other,
    };
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Context"))
}

/// `T` of `Result<T>`, with `E` of `Result<T, E>`.
fn output(signature: &Signature, sink: &mut Sink) -> Option<(Type, Option<Type>)> {
    let ident = &signature.ident;
    let text = format!("custom method `{ident}` must return a `Result`");
    let help = "write `-> Result<()>` to answer with the resource, or `-> Result<Output>`";
    let ReturnType::Type(_, ty) = &signature.output else {
        sink.push(Problem::at(Code::NoResult, ident, text).help(help));
        return None;
    };
    if let Type::Path(path) = &**ty
        && let Some(last) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && matches!(arguments.args.len(), 1 | 2)
        && let Some(GenericArgument::Type(output)) = arguments.args.first()
        && last.ident.to_string().ends_with("Result")
    {
        let error = match arguments.args.get(1) {
            Some(GenericArgument::Type(error)) => Some(error.clone()),
            _ => None,
        };
        return Some((output.clone(), error));
    }
    sink.push(Problem::at(Code::NoResult, ty, text).help(help));
    None
}

/// The verb: the method's name in lowerCamelCase, or what `verb` says.
fn verb(raw: &RawMethod, sink: &mut Sink) -> String {
    let ident = raw.signature.ident.unraw().to_string();
    let (text, at) = match &raw.verb {
        Some(verb) => (verb.value.value(), verb.value.to_token_stream()),
        None => (name::to_lower_camel(&ident), raw.signature.ident.to_token_stream()),
    };
    if !name::is_lower_camel(&text) {
        let proposal = name::to_lower_camel(&text);
        let refused = Problem::at(Code::Verb, at, "`verb` must be in lowerCamelCase");
        sink.push(if name::is_lower_camel(&proposal) {
            refused.help(format!("try `{proposal}`"))
        } else {
            refused.help("write for example `verb = \"turnOn\"`")
        });
    } else if symbol::RESERVED_VERBS.contains(&text.as_str()) {
        let refused = Problem::at(Code::ReservedVerb, at, format!("`{text}` is a standard method"));
        sink.push(if symbol::COLLECTION_METHODS.contains(&text.as_str()) {
            refused
                .note(format!("a resource has it unless `without({text})` says otherwise"))
                .help("put conditions and effects into `impl Rules`, or take another verb")
        } else if symbol::BATCH_VERBS.contains(&text.as_str()) {
            refused
                .note("a collection has it unless `without(batch)` says otherwise")
                .help("put conditions and effects into `impl Rules`, or take another verb")
        } else if [symbol::EXPORT, symbol::IMPORT].contains(&text.as_str()) {
            refused
                .note(format!("the option `{text}` gives it to a collection"))
                .help(format!("write `{text}` in `#[resource(…)]`, or take another verb"))
        } else {
            refused.note("the standard gives it a meaning of its own").help("take another verb")
        });
    }
    text
}

/// `when` asks one resource, through the method's own `self`.
fn condition(raw: &RawMethod, receiver: Option<&Receiver>, sink: &mut Sink) -> Option<Condition> {
    let when = raw.when.as_ref()?;
    let Some(receiver) = receiver else {
        sink.push(
            Problem::at(Code::WhenOnCollection, &when.key, "a method on the collection cannot have `when`")
                .note("the condition asks `self`, which only a method with `&self` or `&mut self` has")
                .help("take `&self`, or refuse the call in the method: `Err(Error::failed_precondition(…))`"),
        );
        return None;
    };
    Some(Condition { self_token: receiver.self_token, expr: when.value.clone() })
}
