//! Ports that fail before a request can be sent.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

/// How long a connection into a full queue is tried before the queue is taken to be full.
const FULL: Duration = Duration::from_millis(50);
/// Enough connections to fill a queue of length 0 on any kernel.
const MOST_QUEUED: usize = 16;

/// A port that refuses every connection and that nobody else can take meanwhile.
pub struct ClosedPort {
    _bound: Socket,
    address: SocketAddr,
}

impl ClosedPort {
    /// Takes a free port on loopback without listening at it.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn take() -> io::Result<ClosedPort> {
        let (socket, address) = bound()?;
        Ok(ClosedPort { _bound: socket, address })
    }

    /// The port's address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A port at which connecting neither succeeds nor fails: it listens, accepts nothing, and its queue is full.
pub struct DeafPort {
    _listening: Socket,
    _queued: Vec<TcpStream>,
    address: SocketAddr,
}

impl DeafPort {
    /// Takes a free port on loopback and fills its queue.
    ///
    /// # Errors
    /// Where no port can be had, or where the kernel keeps accepting.
    pub fn take() -> io::Result<DeafPort> {
        let (socket, address) = bound()?;
        socket.listen(0)?;
        let mut queued = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, FULL) {
            queued.push(stream);
            if queued.len() > MOST_QUEUED {
                return Err(io::Error::other("the kernel takes connections beyond the queue"));
            }
        }
        Ok(DeafPort { _listening: socket, _queued: queued, address })
    }

    /// The port's address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn bound() -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let address = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_port_refuses() {
        let port = ClosedPort::take().unwrap();
        let error = TcpStream::connect(port.address()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_deaf_port_never_connects() {
        let port = DeafPort::take().unwrap();
        let error = TcpStream::connect_timeout(&port.address(), Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
