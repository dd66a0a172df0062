// Generated from, with the options `singleton = "state", parent = Device, rules`:
//
// pub struct DeviceState {
//     pub mode: Mode,
//     #[field(default = 3, range = 0..10)]
//     pub level: u8,
// }

pub struct DeviceState {
    pub mode: Mode,
    pub level: u8,
}
const _: () = {
    use ::rest_standard::__private::{self as __rs, NoCustomMethods as _, NoTarget as _};
    const __RS_0: __rs::Column<Mode> = __rs::field("mode", "mode");
    const _: () = __rs::check_singleton_default(&__RS_0.field);
    const __RS_1: __rs::Column<u8> = __rs::field("level", "level")
        .range(::core::option::Option::Some(0i64), ::core::option::Option::Some(9i64))
        .default(|| __RS_1.integer(3));
    #[automatically_derived]
    #[allow(deprecated, clippy::needless_update)]
    impl __rs::Resource for DeviceState {
        type Parent = Device;
        const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
            name: "DeviceState",
            segment: "state",
            shape: __rs::Shape::Singleton,
            parent: __rs::parent_of::<Self>(),
            doc: "",
            example_id: ::core::option::Option::None,
            fields: &[__RS_0.field, __RS_1.field],
            views: &[],
            methods: __rs::Methods::SINGLETON,
            custom_methods: __rs::CustomMethodsOf::<Self>::LIST,
            rules: ::core::option::Option::Some(__rs::rules_of::<Self>()),
            ..__rs::PLAIN
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self {
                mode: __RS_0.decode(&mut __row, 0)?,
                level: __RS_1.decode(&mut __row, 1)?,
            })
        }
        fn encode(&self) -> __rs::Row {
            __rs::row([__RS_0.encode(&self.mode), __RS_1.encode(&self.level)])
        }
    }
    impl __rs::DeclaresRules for DeviceState {}
    const _: () = __rs::check_singleton_rules::<DeviceState>();
    const _: () = __rs::check_segment::<DeviceState>("state");
};
