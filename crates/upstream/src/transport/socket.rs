//! One connection to a tier, whatever carries it: TCP, TLS over TCP, or a Unix socket.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::client::TlsStream;

/// What carries the bytes.
pub(crate) enum Carrier {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

/// A connection with its [`Served`] mark.
pub(crate) struct Socket {
    carrier: Carrier,
    served: Served,
}

/// Whether a connection has brought an answer before. One that has and then closes without a byte had only been kept open
/// for too long; one that never has is at fault itself.
#[derive(Clone, Default)]
pub(crate) struct Served(Arc<AtomicBool>);

impl Served {
    pub(crate) fn mark(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn before(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Socket {
    pub(crate) fn new(carrier: Carrier) -> Self {
        Self { carrier, served: Served::default() }
    }
}

impl Connection for Socket {
    fn connected(&self) -> Connected {
        Connected::new().extra(self.served.clone())
    }
}

/// Calls the same method on whichever carrier it is.
macro_rules! carried {
    ($self:ident, $carrier:ident => $call:expr) => {
        match &mut $self.get_mut().carrier {
            Carrier::Tcp($carrier) => $call,
            Carrier::Tls($carrier) => $call,
            Carrier::Unix($carrier) => $call,
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        carried!(self, carrier => Pin::new(carrier).poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        carried!(self, carrier => Pin::new(carrier).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        carried!(self, carrier => Pin::new(carrier).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.carrier {
            Carrier::Tcp(carrier) => carrier.is_write_vectored(),
            Carrier::Tls(carrier) => carrier.is_write_vectored(),
            Carrier::Unix(carrier) => carrier.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        carried!(self, carrier => Pin::new(carrier).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        carried!(self, carrier => Pin::new(carrier).poll_shutdown(cx))
    }
}
