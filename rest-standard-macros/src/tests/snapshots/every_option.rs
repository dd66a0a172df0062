// Generated from, with the options `collection = "samples", parent = crate::Device, rules, changes, slash_verbs, require_if_match, dropped(old_share, sum), methods(list, read)`:
//
// pub struct Sample {
//     #[field(length = 2..=8, pattern = "[a-z]+", rename = "short")]
//     pub r#type: String,
//     #[field(range = -1..=1, default = -1, example = 1, filter, order, renamed_from = "plus", converted_from = enumeration)]
//     pub sign: i32,
//     #[field(range = ..=0.5, default = 0.25)]
//     pub share: f64,
//     #[field(format = email, unique, immutable)]
//     pub mail: String,
//     #[field(output_only)]
//     pub count: Option<u32>,
//     #[field(input_only, default = "none")]
//     pub secret: String,
//     #[cfg(feature = "extra")]
//     pub extra: bool,
//     pub tags: Vec<String>,
// }

pub struct Sample {
    pub r#type: String,
    pub sign: i32,
    pub share: f64,
    pub mail: String,
    pub count: Option<u32>,
    pub secret: String,
    #[cfg(feature = "extra")]
    pub extra: bool,
    pub tags: Vec<String>,
}
const _: () = {
    use ::rest_standard::__private::{self as __rs, NoCustomMethods as _, NoTarget as _};
    const __RS_0: __rs::Column<String> = __rs::field("short", "type")
        .length(2u64, 8u64)
        .pattern({
            static __RS_PATTERN: __rs::Pattern = __rs::Pattern::new("[a-z]+");
            &__RS_PATTERN
        });
    const __RS_1: __rs::Column<i32> = __rs::field("sign", "sign")
        .range(::core::option::Option::Some(-1i64), ::core::option::Option::Some(1i64))
        .default(|| __RS_1.integer(-1))
        .example(|| __RS_1.integer(1))
        .renamed_from("plus")
        .converted_from("enum")
        .filter()
        .order();
    const _: () = __rs::check_range(&__RS_1.field);
    const __RS_2: __rs::Column<f64> = __rs::field("share", "share")
        .float_range(::core::option::Option::None, ::core::option::Option::Some(0.5f64))
        .default(|| __RS_2.float(0.25));
    const __RS_3: __rs::Column<String> = __rs::field("mail", "mail")
        .format(__rs::Format::Email)
        .unique()
        .immutable();
    const __RS_4: __rs::Column<Option<u32>> = __rs::field("count", "count")
        .output_only();
    const _: () = __rs::check_output_default(&__RS_4.field);
    const __RS_5: __rs::Column<String> = __rs::field("secret", "secret")
        .default(|| __RS_5.text("none"))
        .input_only();
    #[cfg(feature = "extra")]
    const __RS_6: __rs::Column<bool> = __rs::field("extra", "extra");
    const __RS_7: __rs::Column<Vec<String>> = __rs::field("tags", "tags");
    #[automatically_derived]
    #[allow(deprecated, clippy::needless_update)]
    impl __rs::Resource for Sample {
        type Parent = crate::Device;
        const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
            name: "Sample",
            segment: "samples",
            shape: __rs::Shape::Collection(__rs::IdKind::Uuid),
            parent: __rs::parent_of::<Self>(),
            doc: "",
            example_id: ::core::option::Option::None,
            fields: &[
                __RS_0.field,
                __RS_1.field,
                __RS_2.field,
                __RS_3.field,
                __RS_4.field,
                __RS_5.field,
                #[cfg(feature = "extra")]
                __RS_6.field,
                __RS_7.field,
            ],
            views: &[],
            methods: __rs::Methods::NONE
                .with(__rs::Method::List)
                .with(__rs::Method::Read),
            custom_methods: __rs::CustomMethodsOf::<Self>::LIST,
            rules: ::core::option::Option::Some(__rs::rules_of::<Self>()),
            changes: true,
            slash_verbs: true,
            require_if_match: true,
            dropped: &["old_share", "sum"],
            ..__rs::PLAIN
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self {
                r#type: __RS_0.decode(&mut __row, 0)?,
                sign: __RS_1.decode(&mut __row, 1)?,
                share: __RS_2.decode(&mut __row, 2)?,
                mail: __RS_3.decode(&mut __row, 3)?,
                count: __RS_4.decode(&mut __row, 4)?,
                secret: __RS_5.decode(&mut __row, 5)?,
                #[cfg(feature = "extra")]
                extra: __RS_6.decode(&mut __row, 6)?,
                tags: __RS_7
                    .decode(
                        &mut __row,
                        6 + ::core::cfg!(all(feature = "extra")) as usize,
                    )?,
            })
        }
        fn encode(&self) -> __rs::Row {
            __rs::row([
                __RS_0.encode(&self.r#type),
                __RS_1.encode(&self.sign),
                __RS_2.encode(&self.share),
                __RS_3.encode(&self.mail),
                __RS_4.encode(&self.count),
                __RS_5.encode(&self.secret),
                #[cfg(feature = "extra")]
                __RS_6.encode(&self.extra),
                __RS_7.encode(&self.tags),
            ])
        }
    }
    impl __rs::DeclaresRules for Sample {}
    const _: () = __rs::check_segment::<Sample>("samples");
};
