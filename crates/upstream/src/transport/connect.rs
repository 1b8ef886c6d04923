//! Opens connections: DNS, TCP and TLS, or a Unix socket, all within the tier's connect limit, each failure with its cause.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiFuture, GaiResolver, Name};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::open_files;
use super::socket::{Carrier, Socket};
use crate::failure::Cause;
use crate::target::Address;
use crate::transport;

/// How often an idle connection is asked whether the other side is still there: under the 60 s after which NATs forget.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The one connector that all kinds of tier use.
#[derive(Clone)]
pub(crate) struct Connector {
    way: Way,
    limit: Duration,
}

#[derive(Clone)]
enum Way {
    /// Plain or TLS, as the call's address says.
    Tcp(HttpConnector<Resolver>),
    Unix(Arc<PathBuf>),
}

/// A connection that did not come about.
#[derive(Debug, thiserror::Error)]
#[error("{0:?}")]
pub(crate) struct ConnectFailure(pub(crate) Cause);

impl Connector {
    /// For one address; `limit` bounds DNS, TCP and TLS together.
    pub(crate) fn new(address: &Address, limit: Duration) -> Self {
        let way = match address {
            Address::Unix(path) => Way::Unix(Arc::new(path.clone())),
            Address::Http(_) => Way::Tcp(tcp()),
        };
        Self { way, limit }
    }
}

fn tcp() -> HttpConnector<Resolver> {
    let mut tcp = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp
}

/// TLS with Mozilla's roots. Reading them costs milliseconds and 200 KB, so that all tiers share one configuration.
fn tls() -> TlsConnector {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(config)
    });
    TlsConnector::from(Arc::clone(config))
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Socket>;
    type Error = ConnectFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectFailure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { way, limit } = self.clone();
        Box::pin(async move {
            let carrier = tokio::time::timeout(limit, way.open(uri)).await.unwrap_or(Err(Cause::ConnectTimeout(limit)));
            carrier.map(|carrier| TokioIo::new(Socket::new(carrier))).map_err(ConnectFailure)
        })
    }
}

impl Way {
    async fn open(self, uri: Uri) -> Result<Carrier, Cause> {
        match self {
            Way::Tcp(tcp) if uri.scheme() != Some(&Scheme::HTTPS) => open_tcp(tcp, uri).await.map(Carrier::Tcp),
            Way::Tcp(tcp) => {
                let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
                let name = ServerName::try_from(host.to_owned()).map_err(|_| Cause::Dns)?;
                let stream = open_tcp(tcp, uri).await?;
                let stream = tls().connect(name, stream).await.map_err(|error| transport::handshake_cause(&error))?;
                Ok(Carrier::Tls(Box::new(stream)))
            }
            Way::Unix(path) => match UnixStream::connect(path.as_path()).await {
                Ok(stream) => Ok(Carrier::Unix(stream)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Cause::Refused),
                Err(error) => Err(transport::cause(&error)),
            },
        }
    }
}

async fn open_tcp(mut tcp: HttpConnector<Resolver>, uri: Uri) -> Result<TcpStream, Cause> {
    let stream = tcp.call(uri).await.map_err(|error| transport::cause(&error))?;
    Ok(stream.into_inner())
}

/// The system's resolver, with an error that can be told from those of TCP.
#[derive(Clone)]
struct Resolver(GaiResolver);

/// A name that does not resolve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error("host not found")]
    NotFound,
    /// The resolver reads files and asks through sockets. That it could not is none of its errors: `getaddrinfo(3)` says that
    /// the name is unknown.
    #[error("too many open files here")]
    OutOfFiles,
}

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = Unresolved;
    type Future = Resolving;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Resolving {
        Resolving(self.0.call(name))
    }
}

/// A name being resolved.
struct Resolving(GaiFuture);

impl Future for Resolving {
    type Output = Result<GaiAddrs, Unresolved>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map_err(|_| if open_files::are_nearly_out() { Unresolved::OutOfFiles } else { Unresolved::NotFound })
    }
}
