use super::snapshot;
use crate::expand::expand_methods;

const BLOCK: &str = "
        impl DeviceState {
            /// Rings the alarm.
            #[custom_method(when = self.mode == Mode::On)]
            async fn ring(&mut self, cx: &mut Context<Self>) -> Result<()> {
                unfinished code
            }

            #[custom_method(verb = \"go\")]
            async fn transition(&mut self, input: Input, cx: &mut Context<Self>) -> Result<Output, Error> {}

            #[custom_method(read_only)]
            async fn look_up(&self, input: Input, cx: &mut Context<Self>) -> Result<Output> {}

            #[custom_method]
            async fn silence_all(cx: &mut Context<Self>) -> rest_standard::Result<()> {}

            const LIMIT: Limit = Limit { most: 3 };

            fn plain(&self) -> impl Iterator<Item = u8> {}
        }";

#[test]
fn each_kind_of_method() {
    // The bodies are not Rust that prettyplease could print.
    let block = BLOCK.replace("unfinished code", "");
    let lines = snapshot("methods", expand_methods, "", &block);
    assert!(lines <= 30 * 4, "{lines} lines");
}

#[test]
fn bodies_are_not_parsed() {
    let text = expand_methods(super::tokens(""), super::tokens(BLOCK)).to_string();
    assert!(text.contains("unfinished code"), "{text}");
    assert!(text.contains("PutAllCustomMethodsIntoOneBlock"), "{text}");
    assert!(!text.contains("custom_method ("), "{text}");
}

#[test]
fn an_unreadable_block_loses_its_helper_attributes() {
    let block =
        "impl<T> Wrapper<T> { #[rest_standard::custom_method(when = true)] #[inline] async fn ring() {} }";
    let text = expand_methods(super::tokens(""), super::tokens(block)).to_string();
    assert!(text.contains("# [inline] async fn ring"), "{text}");
    assert!(!text.contains("custom_method ("), "{text}");
}
