use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn ring(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let shared = std::rc::Rc::new(1);
        let _ = cx.find(&cx.key::<Self>([])).await?;
        drop(shared);
        Ok(())
    }
}

fn main() {}
