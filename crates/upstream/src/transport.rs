//! The connection under a call, and its errors (sockets, TLS, HTTP/1.1) as a [`Cause`].

pub(crate) mod body;
pub(crate) mod connect;
mod open_files;
pub(crate) mod redirect;
pub(crate) mod socket;

use std::error::Error;
use std::io;

use rustls::CertificateError;

use self::connect::{ConnectFailure, Unresolved};
use crate::failure::Cause;

/// The cause that lies deepest in an error's chain and is known.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> Cause {
    chain(error).find_map(known).unwrap_or_else(|| Cause::Unreachable(deepest(error)))
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// What one link of the chain says; `None` where only what it wraps can say it.
fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    if let Some(ConnectFailure(cause)) = error.downcast_ref() {
        return Some(cause.clone());
    }
    match error.downcast_ref() {
        Some(Unresolved::NotFound) => return Some(Cause::Dns),
        Some(Unresolved::OutOfFiles) => return Some(Cause::OutOfFiles),
        None => {}
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return http(error);
    }
    error.downcast_ref::<io::Error>().and_then(socket)
}

fn http(error: &hyper::Error) -> Option<Cause> {
    if error.is_parse() {
        return Some(Cause::NotHttp);
    }
    (error.is_incomplete_message() || error.is_canceled() || error.is_closed()).then_some(Cause::Reset)
}

fn socket(error: &io::Error) -> Option<Cause> {
    if open_files::ran_out(error) {
        return Some(Cause::OutOfFiles);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Cause::Refused),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => Some(Cause::Reset),
        _ => error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            .map(|tls| Cause::Tls(tls_words(tls))),
    }
}

/// A TLS handshake that failed. An end in the middle of it is TLS's matter too: a port that closes on strangers.
pub(crate) fn handshake_cause(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Cause::Tls("closed during the handshake".into()),
        _ => cause(error),
    }
}

fn tls_words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS".into(),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the certificate has expired".into()
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the certificate is for another name".into(),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "the certificate is of an unknown issuer".into()
        }
        other => crate::failure::quote(&other.to_string()),
    }
}

fn deepest(error: &(dyn Error + 'static)) -> String {
    let last = chain(error).last().unwrap_or(error);
    crate::failure::quote(&last.to_string())
}
