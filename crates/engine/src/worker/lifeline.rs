//! The pipe that holds a worker to its gateway.
//!
//! The gateway holds the other end and writes nothing. However the gateway ends, the kernel closes that end, and the
//! read here returns. `PR_SET_PDEATHSIG` would look simpler, and is wrong: it fires when the *thread* that started the
//! worker ends (prctl(2)), and a runtime's threads come and go while the gateway lives.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::desk::Desk;

/// How long a worker may take to save what is warm when its gateway has ended. Mostly it is saved already; where a batch is being
/// decoded, it is not waited for. The supervisor kills it after half a second.
const TO_SAVE: Duration = Duration::from_millis(400);

/// Starts the thread that waits for standard input to end, and then ends the process.
pub(super) fn hold(desk: Arc<Desk>) -> io::Result<()> {
    thread::Builder::new().name("lifeline".to_owned()).spawn(move || wait(&desk)).map(drop)
}

fn wait(desk: &Desk) {
    let mut input = io::stdin().lock();
    let mut ignored = [0; 64];
    loop {
        match input.read(&mut ignored) {
            Ok(1..) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => {
                if let Ok(model) = desk.model() {
                    model.save_warm(TO_SAVE);
                }
                leave(0)
            }
        }
    }
}

/// Ends the process at once, whatever its other threads are doing: no destructor of llama.cpp runs while one of its
/// threads still computes.
pub(super) fn leave(code: libc::c_int) -> ! {
    // SAFETY: `_exit` touches no memory of the process and does not return.
    unsafe { libc::_exit(code) }
}
