//! What only a client's own pace shows.

use bytes::Bytes;
use http_body_util::{Empty, Full};
use tokio::task::JoinHandle;

use super::*;

/// More than the system keeps for a client that does not read.
const LARGE: usize = 32 << 20;

/// Answers one connection with a large body, while the client does something with it.
async fn serve_large<F, T>(write_time: Duration, client: impl FnOnce(TcpStream) -> F) -> JoinHandle<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut stream =
        TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a listener");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.expect("a server");
    let client = tokio::spawn(client(stream));
    let service = service_fn(async |_: http::Request<Incoming>| {
        Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from(vec![b'x'; LARGE]))))
    });
    let (served, _) = listener.accept().await.expect("the client connects");
    let (_open, closing) = watch::channel(false);
    let end = tokio::time::timeout(Duration::from_secs(20), drive(served, service, write_time, closing));
    end.await.expect("the connection ends");
    client
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let stays = |stream: TcpStream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    };
    serve_large(Duration::from_millis(200), stays).await.abort();
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_its_whole_answer() {
    let reads = |mut stream: TcpStream| async move {
        let mut whole = 0;
        let mut piece = vec![0; 1 << 20];
        while let Ok(size @ 1..) = stream.read(&mut piece).await {
            whole += size;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        whole
    };
    let client = serve_large(Duration::from_millis(300), reads).await;
    assert!(client.await.is_ok_and(|whole| whole > LARGE));
}

#[tokio::test]
async fn a_route_of_the_authors_can_take_the_connection_over() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut client =
        TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a listener");
    let echo = service_fn(async |request: http::Request<Incoming>| {
        tokio::spawn(async move {
            let taken = hyper::upgrade::on(request).await.expect("the connection");
            let (mut reads, mut writes) = tokio::io::split(TokioIo::new(taken));
            tokio::io::copy(&mut reads, &mut writes).await
        });
        let mut answer = http::Response::new(Empty::<Bytes>::new());
        *answer.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        answer.headers_mut().insert("upgrade", http::HeaderValue::from_static("echo"));
        answer.headers_mut().insert("connection", http::HeaderValue::from_static("upgrade"));
        Ok::<_, Infallible>(answer)
    });
    let (served, _) = listener.accept().await.expect("the client connects");
    let (_open, closing) = watch::channel(false);
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello";
    client.write_all(head).await.expect("a server");
    drive(served, echo, WRITE_TIME, closing).await;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nhello") {
        assert_ne!(client.read_buf(&mut answer).await.expect("an open connection"), 0);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
}
