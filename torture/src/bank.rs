//! The service under torture: accounts between which money moves, counters, and entries with tokens.

use rest_standard::prelude::*;

/// How many accounts and counters there are, and what each account begins with.
pub(crate) const ACCOUNTS: usize = 8;
pub(crate) const COUNTERS: usize = 4;
pub(crate) const BALANCE: i32 = 1_000;

/// An account; what all have together never changes.
#[resource(collection = "accounts", id = Slug, changes)]
pub(crate) struct Account {
    /// What is in it; less than nothing is allowed.
    #[field(order)]
    pub(crate) balance: i32,
}

/// Where money goes.
#[resource_value]
#[derive(Debug)]
pub(crate) struct Transfer {
    /// The id of the other account.
    pub(crate) to: String,
    /// How much.
    pub(crate) amount: i32,
}

#[custom_methods]
impl Account {
    /// Moves money to another account.
    #[custom_method]
    async fn transfer(&mut self, transfer: Transfer, cx: &mut Context<Self>) -> Result<()> {
        let other = cx.key::<Self>([transfer.to.as_str().into()]);
        let mut receiver = cx.read(&other).await?;
        receiver.balance += transfer.amount;
        self.balance -= transfer.amount;
        cx.put(&other, &receiver).await
    }
}

/// Something that is written to an account once.
#[resource(collection = "entries", parent = Account)]
pub(crate) struct Entry {
    /// Drawn by the client; no two entries may have the same.
    pub(crate) token: String,
}

/// A number that clients read and write one higher.
#[resource(collection = "counters", id = Slug, changes)]
pub(crate) struct Counter {
    /// How often it was counted.
    pub(crate) count: i32,
}

/// The service.
pub(crate) fn service() -> Service {
    Service::new("torture")
        .version("v1", |api| api.resource::<Account>().resource::<Entry>().resource::<Counter>())
        .on_empty(fill)
}

async fn fill(mut cx: Context<Root>) -> Result<()> {
    for number in 0..ACCOUNTS {
        let key = cx.key::<Account>([account(number).as_str().into()]);
        cx.put(&key, &Account { balance: BALANCE }).await?;
    }
    for number in 0..COUNTERS {
        let key = cx.key::<Counter>([counter(number).as_str().into()]);
        cx.put(&key, &Counter { count: 0 }).await?;
    }
    Ok(())
}

/// The id of an account.
pub(crate) fn account(number: usize) -> String {
    format!("account-{number}")
}

/// The id of a counter.
pub(crate) fn counter(number: usize) -> String {
    format!("counter-{number}")
}
