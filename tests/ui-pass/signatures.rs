//! Every right form of a custom method's signature.

use std::pin::Pin;

use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[resource_value]
pub struct Step {
    pub to: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn write(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let _ = cx;
        Ok(())
    }

    #[custom_method()]
    async fn look(&self, _: &mut Context<Self>) -> Result<(), Error> {
        Ok(())
    }

    #[custom_method(verb = "everywhere")]
    pub(crate) async fn on_all(Step { to }: Step, _: &mut Context<Device>) -> Result<Step> {
        Ok(Step { to })
    }

    #[custom_method(when = matches!(self.owner.as_str(), "a" | "b") && !self.owner.is_empty(), read_only)]
    async fn judged(&self, mut input: Step, cx: &mut Context<Self>) -> rest_standard::error::Result<Step> {
        input.to.push_str(cx.request_id());
        Ok(input)
    }

    #[custom_method(when = { let owner = &self.owner; owner.len() > 1 })]
    async fn r#move(&mut self, input: self::Step, cx: &mut Context<Self>) -> Result<()> {
        fn inner<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
            Box::pin(async move { text.len() })
        }
        let length = inner(&input.to).await;
        let owner = async { length.to_string() }.await;
        self.owner = owner;
        let _ = cx;
        Ok(())
    }

    #[custom_method(when = if self.owner.is_empty() { self.owner.len() < 2 } else { false })]
    async fn asked(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Err(Error::failed_precondition("never"))
    }
}

pub fn main() {
    let verbs: Vec<_> =
        <Device as Resource>::DESCRIPTOR.custom_methods.iter().map(|method| method.verb).collect();
    assert_eq!(verbs[2..], ["everywhere", "judged", "move", "asked"]);
}
