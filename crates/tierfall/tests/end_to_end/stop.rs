//! The end of the process.

use std::net::TcpStream;

use crate::served::{Served, signal};
use crate::{four_tiers, until, wall};

#[test]
fn sigterm_lets_a_stream_run_to_its_end() {
    let wall = wall();
    wall.script("slowly", "trickle-50ms".parse::<wall::Script>().expect("a script"));
    let mut served = Served::start(&four_tiers(&wall, ["slowly", "ok", "ok", "ok"]));
    let mut stream = served.stream("auto");
    stream.read_chunks(3);
    served.terminate();
    until("it listens no longer", || TcpStream::connect(served.address()).err());
    let spoken = stream.rest();
    assert!(spoken.text().ends_with("w60"), "{}", spoken.text());
    assert_eq!(served.exit().code(), Some(0));
}

#[test]
fn a_second_sigint_ends_it_at_once() {
    // Left alone, the stream would be carried on by tier 2 within the time that the first one grants.
    let wall = wall();
    let mut served = Served::start(&four_tiers(&wall, ["stall-after-3", "ok", "ok", "ok"]));
    let mut stream = served.stream("auto");
    stream.read_chunks(3);
    signal(served.pid(), "INT");
    served.said("ending: ");
    signal(served.pid(), "INT");
    assert!(stream.breaks_off());
    assert_eq!(served.exit().code(), Some(0));
}

#[test]
fn sigterm_serves_also_who_waits_for_their_turn() {
    let wall = wall();
    let keys = four_tiers(&wall, ["trickle-150ms-once+ok", "ok", "ok", "ok"]) + "TIER1_CONCURRENCY=1\n";
    let mut served = Served::start(&keys);
    let mut stream = served.stream("tier-1");
    stream.read_chunks(3);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| served.chat("tier-1"));
        served.said("· Waiting: Tier 1: Your HF Space (0 ahead)");
        served.terminate();
        until("it listens no longer", || TcpStream::connect(served.address()).err());
        assert!(stream.rest().text().ends_with("w60"));
        let answer = waiting.join().expect("answered");
        assert_eq!((answer.status, answer.text().ends_with("w60")), (200, true));
    });
    assert_eq!(served.exit().code(), Some(0));
}
