//! Steps on a socket, with an eye on the client: one who leaves ends the call at once.

use std::future::pending;
use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::http::Connection;
use crate::log::End;
use crate::steps::Step;

/// How much of a next request is read while this one is being answered.
const READ_AHEAD: usize = 1024 * 1024;

/// Takes the steps, and says how the call ended. Only after [`End::Answered`] can the connection take another request.
pub(crate) async fn perform(connection: &mut Connection, steps: &[Step]) -> End {
    for step in steps {
        match take(connection, step).await {
            Ok(None) => {}
            Ok(Some(end)) => return end,
            Err(_) => return End::ClientLeft,
        }
    }
    End::Answered
}

async fn take(connection: &mut Connection, step: &Step) -> io::Result<Option<End>> {
    match step {
        Step::Write(bytes) => connection.stream.write_all(bytes).await?,
        Step::WriteBytewise(bytes) => {
            for byte in bytes.chunks(1) {
                connection.stream.write_all(byte).await?;
            }
        }
        Step::Wait(time) => return Ok(wait(connection, *time).await),
        Step::Silence => {
            left(connection).await;
            return Ok(Some(End::ClientLeft));
        }
        Step::Repeat(bytes, pace) => loop {
            connection.stream.write_all(bytes).await?;
            if let Some(end) = wait(connection, *pace).await {
                return Ok(Some(end));
            }
        },
        Step::Close => return Ok(Some(End::Broken)),
        Step::Reset => {
            connection.stream.set_zero_linger()?;
            return Ok(Some(End::Broken));
        }
    }
    Ok(None)
}

/// Waits, unless the client leaves before the time is over.
pub(crate) async fn wait(connection: &mut Connection, time: Duration) -> Option<End> {
    if time.is_zero() {
        return None;
    }
    tokio::select! {
        () = sleep(time) => None,
        () = left(connection) => Some(End::ClientLeft),
    }
}

/// Resolves once the client has closed its side or the connection has failed. What else comes is kept for later.
async fn left(connection: &mut Connection) {
    loop {
        if connection.buffer.len() >= READ_AHEAD {
            return pending().await;
        }
        if connection.stream.readable().await.is_err() {
            return;
        }
        match connection.stream.try_read_buf(&mut connection.buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
