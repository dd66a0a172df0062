use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 1,
    On = 2,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(output_only, filter, order)]
    pub mode: Mode,
    #[field(default = Mode::On)]
    pub wanted: Mode,
    pub history: Vec<Mode>,
}

#[custom_methods]
impl Device {
    #[custom_method(when = self.mode == Mode::Off)]
    async fn turn_on(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.mode = self.wanted;
        Ok(())
    }
}

fn main() {}
