#![allow(missing_docs, dead_code)]

use rest_standard::{context::Context, error::Result};
pub struct Device {
    pub display_name: String,
    pub volume: i64,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    Off = 0,
    On = 1,
}
pub struct DeviceState {
    pub mode: Mode,
}
pub struct Input {
    pub to: Mode,
}

const _: () = {
    use ::rest_standard::__private as __rs;
    const __RS_DISPLAY_NAME: __rs::Column<String> =
        __rs::column::<String>("displayName", "display_name", "Doc").length(1, 64).filter().order();
    const __RS_VOLUME: __rs::Column<i64> =
        __rs::column::<i64>("volume", "volume", "").range(Some(0), Some(10)).default(|| {
            let __value: i64 = 5;
            __rs::Field::to_value(&__value)
        });
    impl __rs::Resource for Device {
        type Parent = __rs::Root;
        const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
            name: "Device",
            segment: "devices",
            shape: __rs::Shape::Collection(__rs::IdKind::Uuid),
            parent: <Self::Parent as __rs::Parent>::NODE,
            doc: "",
            fields: &[__RS_DISPLAY_NAME.field, __RS_VOLUME.field],
            methods: __rs::Methods::ALL,
            custom_methods: {
                use __rs::NoCustomMethods as _;
                <Device>::__RS_CUSTOM_METHODS
            },
            rules: ::core::option::Option::None,
            changes: true,
            upsert: false,
            slash_verbs: false,
            require_if_match: false,
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self {
                display_name: __RS_DISPLAY_NAME.decode(&mut __row, 0)?,
                volume: __RS_VOLUME.decode(&mut __row, 1)?,
            })
        }
        fn encode(&self) -> __rs::Row {
            __rs::Row(::std::vec![
                __RS_DISPLAY_NAME.encode(&self.display_name),
                __RS_VOLUME.encode(&self.volume)
            ])
        }
    }
    const _: () = ::core::assert!(__rs::is_free_segment::<Device>("devices"), "text");
};
const _: () = {
    use ::rest_standard::__private as __rs;
    const DECLARED: __rs::EnumDescriptor = __rs::EnumDescriptor {
        name: "Mode",
        doc: "",
        variants: &[__rs::Variant { number: 0, name: "Off", doc: "" }],
    };
    impl __rs::Scalar for Mode {}
    impl __rs::Field for Mode {
        const KIND: __rs::FieldKind = __rs::FieldKind::Enum(&DECLARED);
        fn to_value(&self) -> __rs::Value {
            __rs::Value::Integer(*self as i64)
        }
        fn from_value(v: __rs::Value) -> __rs::Result<Self> {
            match v {
                __rs::Value::Integer(0) => Ok(Self::Off),
                __rs::Value::Integer(1) => Ok(Self::On),
                other => __rs::unknown_variant("Mode", &other),
            }
        }
    }
};
const _: () = {
    use ::rest_standard::__private as __rs;
    const __RS_MODE: __rs::Column<Mode> = __rs::column::<Mode>("mode", "mode", "");
    impl __rs::Resource for DeviceState {
        type Parent = Device;
        const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
            name: "DeviceState",
            segment: "state",
            shape: __rs::Shape::Singleton,
            parent: <Self::Parent as __rs::Parent>::NODE,
            doc: "",
            fields: &[__RS_MODE.field],
            methods: __rs::Methods::SINGLETON.without(__rs::Method::Read),
            custom_methods: {
                use __rs::NoCustomMethods as _;
                <DeviceState>::__RS_CUSTOM_METHODS
            },
            rules: ::core::option::Option::Some(__rs::rules::<Self>()),
            changes: false,
            upsert: false,
            slash_verbs: false,
            require_if_match: false,
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self { mode: __RS_MODE.decode(&mut __row, 0)? })
        }
        fn encode(&self) -> __rs::Row {
            __rs::Row(::std::vec![__RS_MODE.encode(&self.mode)])
        }
    }
};
impl __rs_Rules for DeviceState {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}
use rest_standard::__private::Rules as __rs_Rules;
const _: () = {
    use ::rest_standard::__private as __rs;
    const __RS_TO: __rs::Column<Mode> = __rs::column::<Mode>("to", "to", "");
    impl __rs::ResourceValue for Input {
        const DESCRIPTOR: &'static __rs::ValueDescriptor =
            &__rs::ValueDescriptor { name: "Input", doc: "", fields: &[__RS_TO.field] };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self { to: __RS_TO.decode(&mut __row, 0)? })
        }
        fn encode(&self) -> __rs::Row {
            __rs::Row(::std::vec![__RS_TO.encode(&self.to)])
        }
    }
    impl __rs::Field for Input {
        const KIND: __rs::FieldKind = __rs::FieldKind::Object(<Self as __rs::ResourceValue>::DESCRIPTOR);
        fn to_value(&self) -> __rs::Value {
            __rs::object_to_value(self)
        }
        fn from_value(v: __rs::Value) -> __rs::Result<Self> {
            __rs::value_to_object(v)
        }
    }
};
impl DeviceState {
    async fn ring(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let d: Device = cx.read(&cx.parent::<Device>()).await?;
        let _ = d;
        self.mode = Mode::On;
        Ok(())
    }
    async fn transition(&mut self, input: Input, _cx: &mut Context<Self>) -> Result<Input> {
        self.mode = input.to;
        Ok(Input { to: self.mode })
    }
    async fn all(_cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
    #[doc(hidden)]
    fn __rs_when_ring(&self) -> bool {
        self.mode == Mode::On
    }
    #[doc(hidden)]
    pub const __RS_CUSTOM_METHODS: &'static [::rest_standard::__private::CustomMethod] = {
        use ::rest_standard::__private as __rs;
        &[
            __rs::CustomMethod {
                verb: "ring",
                doc: "",
                target: __rs::Target::Write,
                read_only: false,
                input: None,
                output: <() as __rs::Answer>::OUTPUT,
                when: Some(|row| __rs::when::<Self>(row, Self::__rs_when_ring)),
                call: |call| {
                    __rs::call_write::<Self, ()>(call, |this, cx| {
                        ::std::boxed::Box::pin(Self::ring(this, cx))
                    })
                },
            },
            __rs::CustomMethod {
                verb: "transition",
                doc: "",
                target: __rs::Target::Write,
                read_only: false,
                input: Some(<Input as __rs::ResourceValue>::DESCRIPTOR),
                output: <Input as __rs::Answer>::OUTPUT,
                when: None,
                call: |call| {
                    __rs::call_write_with::<Self, Input, Input>(call, |this, input, cx| {
                        ::std::boxed::Box::pin(Self::transition(this, input, cx))
                    })
                },
            },
            __rs::CustomMethod {
                verb: "all",
                doc: "",
                target: __rs::Target::Collection,
                read_only: false,
                input: None,
                output: <() as __rs::Answer>::OUTPUT,
                when: None,
                call: |call| {
                    __rs::call_collection::<Self, ()>(call, |cx| ::std::boxed::Box::pin(Self::all(cx)))
                },
            },
        ]
    };
}
use std::sync::Arc;
use rest_standard::{service::*, tree::Tree, source::System, store::memory::MemoryStore, __private::Resource};
#[tokio::main]
async fn main() {
    let tree = Arc::new(Tree::build(&[Device::DESCRIPTOR, DeviceState::DESCRIPTOR]).unwrap());
    let settings = Settings { name: "x".into(), version: "v1".into(), base_path: "/api".into(), public_url: None, allowed_hosts: vec![], limits: Limits::default() };
    let api = Api::start(tree, Arc::new(MemoryStore::new()), Arc::new(System), settings, States::new()).await.unwrap();
    let go = |m: &str, p: &str, h: &[(&'static str, &str)], b: &str| {
        let (path, query) = p.split_once('?').unwrap_or((p, ""));
        let mut headers = http::HeaderMap::new();
        for (n, v) in h { headers.insert(*n, v.parse().unwrap()); }
        let r = Request { method: m.parse().unwrap(), path: path.into(), query: query.into(), headers, body: bytes::Bytes::copy_from_slice(b.as_bytes()) };
        let api = api.clone(); let what = format!("{m} {p} {b}");
        async move { let r = api.answer(r).await; println!("== {what}\n{} {:?}\n{}", r.status, r.headers.iter().map(|(n,v)| format!("{n}: {}", v.to_str().unwrap())).collect::<Vec<_>>(), String::from_utf8_lossy(&r.body)); }
    };
    let id = "/api/v1/devices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4";
    go("GET", "/api/v1", &[], "").await;
    go("POST", "/api/v1/devices", &[("request-id", "abc")], r#"{"displayName":"x", "id":"cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4"}"#).await;
    go("POST", "/api/v1/devices", &[("request-id", "abc")], r#"{"displayName":"x", "id":"cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4"}"#).await;
    go("GET", id, &[], "").await;
    go("GET", &format!("{id}/state"), &[], "").await;
    go("POST", &format!("{id}/state:transition?$validate=true"), &[], r#"{"to":"On"}"#).await;
    go("POST", &format!("{id}/state:transition"), &[], r#"{"to":"On"}"#).await;
    go("POST", &format!("{id}/state:ring"), &[], "").await;
    go("GET", &format!("{id}/changes"), &[], "").await;
    go("PATCH", id, &[], r#"{"volume":11, "displayNam":"x"}"#).await;
    go("PATCH", id, &[], r#"{"volume":7}"#).await;
    go("PATCH", id, &[("content-type", "application/json-patch+json")], r#"[{"op":"replace","path":"/volume","value":3}]"#).await;
    go("POST", "/api/v1/devices?validate=true", &[], r#"{"displayName":"y"}"#).await;
    go("POST", "/api/v1/devices", &[], r#"{"displayName":"y"}"#).await;
    go("GET", "/api/v1/devices?limit=1&$orderBy=displayName desc", &[], "").await;
    go("DELETE", id, &[], "").await;
    go("GET", id, &[], "").await;
    go("GET", "/nope", &[("request-id", "a b")], "").await;
}
