// Generated from, with the options ``:
//
// impl DeviceState {
//     /// Rings the alarm.
//     #[custom_method(when = self.mode == Mode::On)]
//     async fn ring(&mut self, cx: &mut Context<Self>) -> Result<()> {
//         
//     }
// 
//     #[custom_method(verb = "go")]
//     async fn transition(&mut self, input: Input, cx: &mut Context<Self>) -> Result<Output, Error> {}
// 
//     #[custom_method(read_only)]
//     async fn look_up(&self, input: Input, cx: &mut Context<Self>) -> Result<Output> {}
// 
//     #[custom_method]
//     async fn silence_all(cx: &mut Context<Self>) -> rest_standard::Result<()> {}
// 
//     const LIMIT: Limit = Limit { most: 3 };
// 
//     fn plain(&self) -> impl Iterator<Item = u8> {}
// }

impl DeviceState {
    /// Rings the alarm.
    #[allow(
        clippy::unused_async,
        clippy::needless_pass_by_value,
        clippy::unnecessary_wraps
    )]
    async fn ring(&mut self, cx: &mut Context<Self>) -> Result<()> {}
    #[allow(
        clippy::unused_async,
        clippy::needless_pass_by_value,
        clippy::unnecessary_wraps
    )]
    async fn transition(
        &mut self,
        input: Input,
        cx: &mut Context<Self>,
    ) -> Result<Output, Error> {}
    #[allow(
        clippy::unused_async,
        clippy::needless_pass_by_value,
        clippy::unnecessary_wraps
    )]
    async fn look_up(&self, input: Input, cx: &mut Context<Self>) -> Result<Output> {}
    #[allow(
        clippy::unused_async,
        clippy::needless_pass_by_value,
        clippy::unnecessary_wraps
    )]
    async fn silence_all(cx: &mut Context<Self>) -> rest_standard::Result<()> {}
    const LIMIT: Limit = Limit { most: 3 };
    fn plain(&self) -> impl Iterator<Item = u8> {}
}
impl DeviceState {
    #[doc(hidden)]
    fn __rs_when_ring(&self) -> bool {
        ::rest_standard::__private::holds(self.mode == Mode::On)
    }
}
#[automatically_derived]
impl ::rest_standard::__private::PutAllCustomMethodsIntoOneBlock for DeviceState {
    const METHODS: &'static [::rest_standard::__private::CustomMethod] = {
        use ::rest_standard::__private as __rs;
        &[
            __rs::CustomMethod {
                verb: "ring",
                doc: "Rings the alarm.",
                target: __rs::Target::Write,
                read_only: false,
                input: ::core::option::Option::None,
                output: <() as __rs::Answer>::OUTPUT,
                when: __rs::condition(|__row| __rs::when(__row, Self::__rs_when_ring)),
                call: |__call| __rs::call_write::<
                    DeviceState,
                    (),
                    _,
                >(
                    __call,
                    |__this, __cx| ::std::boxed::Box::pin(
                        Self::ring(__this, __rs::context::<Context<Self>, Self>(__cx)),
                    ),
                ),
            },
            __rs::CustomMethod {
                verb: "go",
                doc: "",
                target: __rs::Target::Write,
                read_only: false,
                input: ::core::option::Option::Some(
                    <Input as __rs::ResourceValue>::DESCRIPTOR,
                ),
                output: <Output as __rs::Answer>::OUTPUT,
                when: ::core::option::Option::None,
                call: |__call| __rs::call_write_with::<
                    DeviceState,
                    Input,
                    Output,
                    Error,
                >(
                    __call,
                    |__this, __input, __cx| ::std::boxed::Box::pin(
                        Self::transition(
                            __this,
                            __input,
                            __rs::context::<Context<Self>, Self>(__cx),
                        ),
                    ),
                ),
            },
            __rs::CustomMethod {
                verb: "lookUp",
                doc: "",
                target: __rs::Target::Read,
                read_only: true,
                input: ::core::option::Option::Some(
                    <Input as __rs::ResourceValue>::DESCRIPTOR,
                ),
                output: <Output as __rs::Answer>::OUTPUT,
                when: ::core::option::Option::None,
                call: |__call| __rs::call_read_with::<
                    DeviceState,
                    Input,
                    Output,
                    _,
                >(
                    __call,
                    |__this, __input, __cx| ::std::boxed::Box::pin(
                        Self::look_up(
                            __this,
                            __input,
                            __rs::context::<Context<Self>, Self>(__cx),
                        ),
                    ),
                ),
            },
            __rs::CustomMethod {
                verb: "silenceAll",
                doc: "",
                target: __rs::Target::Collection,
                read_only: false,
                input: ::core::option::Option::None,
                output: <() as __rs::Answer>::OUTPUT,
                when: ::core::option::Option::None,
                call: |__call| __rs::call_collection::<
                    DeviceState,
                    (),
                    _,
                >(
                    __call,
                    |__cx| ::std::boxed::Box::pin(
                        Self::silence_all(__rs::context::<Context<Self>, Self>(__cx)),
                    ),
                ),
            },
        ]
    };
}
