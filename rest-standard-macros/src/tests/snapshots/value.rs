// Generated from, with the options ``:
//
// /// One step of the machine.
// pub struct Transition {
//     pub from: Mode,
//     pub to: Mode,
//     #[field(length = 1..=64)]
//     pub verb: String,
// }

/// One step of the machine.
pub struct Transition {
    pub from: Mode,
    pub to: Mode,
    pub verb: String,
}
const _: () = {
    use ::rest_standard::__private as __rs;
    const __RS_0: __rs::Column<Mode> = __rs::field("from", "from");
    const __RS_1: __rs::Column<Mode> = __rs::field("to", "to");
    const __RS_2: __rs::Column<String> = __rs::field("verb", "verb").length(1u64, 64u64);
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rs::ResourceValue for Transition {
        const DESCRIPTOR: &'static __rs::ValueDescriptor = &__rs::ValueDescriptor {
            name: "Transition",
            doc: "One step of the machine.",
            fields: &[__RS_0.field, __RS_1.field, __RS_2.field],
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self {
                from: __RS_0.decode(&mut __row, 0)?,
                to: __RS_1.decode(&mut __row, 1)?,
                verb: __RS_2.decode(&mut __row, 2)?,
            })
        }
        fn encode(&self) -> __rs::Row {
            __rs::row([
                __RS_0.encode(&self.from),
                __RS_1.encode(&self.to),
                __RS_2.encode(&self.verb),
            ])
        }
    }
    #[automatically_derived]
    impl __rs::Field for Transition {
        const KIND: __rs::FieldKind = __rs::FieldKind::Object(
            <Self as __rs::ResourceValue>::DESCRIPTOR,
        );
        fn to_value(&self) -> __rs::Value {
            __rs::object_to_value(self)
        }
        fn from_value(__value: __rs::Value) -> __rs::Result<Self> {
            __rs::value_to_object(__value)
        }
    }
};
