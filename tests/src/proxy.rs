//! What stands between a service and Postgres: it keeps what is sent, and cuts connections where it is told to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What happens to the next commit that is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// It goes through.
    #[default]
    Nothing,
    /// The connection breaks before the server has it.
    Before,
    /// The server has it and answers, and the connection breaks before the service has the answer.
    After,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<u8>,
    cut: Cut,
    cuts: usize,
    is_away: bool,
    lose_at: Option<&'static str>,
}

/// A proxy on a free port of this machine.
#[derive(Clone, Debug)]
pub struct Proxy {
    state: Arc<Mutex<State>>,
    url: String,
}

impl Proxy {
    /// Stands before the server of `url`, without TLS, so that what is sent can be read.
    ///
    /// # Panics
    ///
    /// When there is no free port, or `url` has another form than [`Database::url`](crate::postgres::Database::url).
    pub async fn start(url: &str) -> Self {
        let (host, database) =
            url.split_once('@').and_then(|(_, rest)| rest.split_once('/')).expect("user@host/database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("this machine has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let this = Self {
            state: state.clone(),
            url: format!("postgres://postgres@{address}/{database}?sslmode=disable"),
        };
        let host = host.to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(relay(client, host.clone(), state.clone()));
            }
        });
        this
    }

    /// Where a service finds the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Says what happens to the next commit.
    pub fn cut(&self, cut: Cut) {
        lock(&self.state).cut = cut;
    }

    /// Ends every connection that is taken from now on, or takes them again.
    pub fn be_away(&self, is_away: bool) {
        lock(&self.state).is_away = is_away;
    }

    /// Breaks the connection on which this text is sent, before the server has it, and ends every connection from then on.
    pub fn lose_at(&self, text: &'static str) {
        lock(&self.state).lose_at = Some(text);
    }

    /// How many connections were cut.
    #[must_use]
    pub fn cuts(&self) -> usize {
        lock(&self.state).cuts
    }

    /// What was sent to the server since this was asked for the last time, as text.
    #[must_use]
    pub fn sent(&self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut lock(&self.state).sent)).into_owned()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a commit is sent: the end of a pipeline that writes, or a statement that commits by itself and has in it what its
/// client is answered.
fn is_commit(bytes: &[u8]) -> bool {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    // Reads end with a commit as well.
    has(b"\"updatedAt\":") || has(b"Q\0\0\0\x0bCOMMIT\0") && !has(b"READ ONLY")
}

async fn relay(client: TcpStream, host: String, state: Arc<Mutex<State>>) {
    if lock(&state).is_away {
        return;
    }
    let Ok(server) = TcpStream::connect(&host).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
        from_server
    });
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
        let bytes = &buffer[..count];
        let cut = {
            let mut state = lock(&state);
            state.sent.extend_from_slice(bytes);
            let is_sent = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            let cut = if state.lose_at.take_if(|text| is_sent(text)).is_some() {
                state.is_away = true;
                Cut::Before
            } else if is_commit(bytes) {
                std::mem::take(&mut state.cut)
            } else {
                Cut::Nothing
            };
            state.cuts += usize::from(cut != Cut::Nothing);
            cut
        };
        match cut {
            Cut::Nothing => {
                if to_server.write_all(bytes).await.is_err() {
                    break;
                }
            }
            Cut::Before => break,
            Cut::After => {
                back.abort();
                let _ = to_server.write_all(bytes).await;
                // Long enough for any commit of a test; the answer is nobody's.
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                return;
            }
        }
    }
    back.abort();
}
