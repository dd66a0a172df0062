// Generated from, with the options `collection = "device-types", id = Slug, example = "house-alarm", changes, without(delete), upsert`:
//
// /// A kind of device.
// ///
// /// Tenants install them.
// pub struct DeviceType {
//     #[field(filter, order)]
//     pub display_name: String,
//     /// Who makes it.
//     pub manufacturer: Option<String>,
// }

/// A kind of device.
///
/// Tenants install them.
pub struct DeviceType {
    pub display_name: String,
    /// Who makes it.
    pub manufacturer: Option<String>,
}
const _: () = {
    use ::rest_standard::__private::{self as __rs, NoCustomMethods as _, NoTarget as _};
    const __RS_0: __rs::Column<String> = __rs::field("displayName", "display_name")
        .length(1u64, 63u64)
        .filter()
        .order();
    const __RS_1: __rs::Column<Option<String>> = __rs::field(
        "manufacturer",
        "manufacturer",
    );
    #[automatically_derived]
    #[allow(deprecated, clippy::needless_update)]
    impl __rs::Resource for DeviceType {
        type Parent = __rs::Root;
        const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
            name: "DeviceType",
            segment: "device-types",
            shape: __rs::Shape::Collection(__rs::IdKind::Slug),
            parent: __rs::parent_of::<Self>(),
            doc: "A kind of device.\n\nTenants install them.",
            example_id: ::core::option::Option::Some("house-alarm"),
            fields: &[__RS_0.field, __RS_1.documented("Who makes it.")],
            views: &[],
            methods: __rs::Methods::ALL.without(__rs::Method::Delete),
            custom_methods: __rs::CustomMethodsOf::<Self>::LIST,
            rules: ::core::option::Option::None,
            changes: true,
            upsert: true,
            ..__rs::PLAIN
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self {
                display_name: __RS_0.decode(&mut __row, 0)?,
                manufacturer: __RS_1.decode(&mut __row, 1)?,
            })
        }
        fn encode(&self) -> __rs::Row {
            __rs::row([
                __RS_0.encode(&self.display_name),
                __RS_1.encode(&self.manufacturer),
            ])
        }
    }
};
