// Generated from, with the options ``:
//
// /// What a device does.
// #[derive(Debug, Clone)]
// pub enum Mode {
//     /// Silent.
//     Off,
//     On,
//     Ring = 7,
//     Broken,
// }

#[::core::prelude::v1::derive(
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::cmp::PartialOrd,
    ::core::cmp::Ord,
    ::core::hash::Hash
)]
/// What a device does.
#[derive(Debug, Clone)]
pub enum Mode {
    /// Silent.
    Off,
    On,
    Ring = 7,
    Broken,
}
const _: () = {
    use ::rest_standard::__private as __rs;
    #[automatically_derived]
    impl __rs::Scalar for Mode {}
    #[automatically_derived]
    impl __rs::Filterable for Mode {}
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rs::Field for Mode {
        const KIND: __rs::FieldKind = __rs::FieldKind::Enum(
            &__rs::EnumDescriptor {
                name: "Mode",
                doc: "What a device does.",
                variants: &[
                    __rs::Variant {
                        number: 0,
                        name: "Off",
                        doc: "Silent.",
                    },
                    __rs::Variant {
                        number: 1,
                        name: "On",
                        doc: "",
                    },
                    __rs::Variant {
                        number: 7,
                        name: "Ring",
                        doc: "",
                    },
                    __rs::Variant {
                        number: 8,
                        name: "Broken",
                        doc: "",
                    },
                ],
            },
        );
        fn to_value(&self) -> __rs::Value {
            __rs::Value::Integer(*self as i64)
        }
        fn from_value(__value: __rs::Value) -> __rs::Result<Self> {
            match __value {
                __rs::Value::Integer(0) => ::core::result::Result::Ok(Self::Off),
                __rs::Value::Integer(1) => ::core::result::Result::Ok(Self::On),
                __rs::Value::Integer(7) => ::core::result::Result::Ok(Self::Ring),
                __rs::Value::Integer(8) => ::core::result::Result::Ok(Self::Broken),
                __other => __rs::unknown_variant("Mode", &__other),
            }
        }
    }
    #[automatically_derived]
    impl ::core::default::Default for Mode {
        fn default() -> Self {
            Self::Off
        }
    }
};
