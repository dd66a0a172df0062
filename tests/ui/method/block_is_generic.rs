use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

pub struct Wrapper<T>(pub T);

#[custom_methods]
impl<T> Wrapper<T> {
    #[custom_method]
    async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
