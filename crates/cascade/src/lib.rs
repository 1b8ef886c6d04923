//! The decision core of Tierfall: which attempt to start, cancel or give up, and when.
//!
//! Nothing in here waits, opens a socket, reads a clock or draws a random number of its own. Whoever drives it tells it
//! what happened and at which [`Moment`], and does what it says; so the same code runs in production, in the tests and
//! in virtual time.
//!
//! ```
//! use cascade::{Action, Ask, Call, Event, Fleet, Hosting, Moment, Route, Tier};
//!
//! let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::SelfHosted), Tier::new(2, Hosting::Cloud)]);
//! let route = Route::through("auto", &fleet, |_| true);
//! let mut call = Call::begin(route.into(), Ask::default(), &mut fleet, Moment::ZERO);
//!
//! // The loop of every driver: do what the call says, until it has nothing more to say …
//! let Some(Action::Start(start)) = call.poll() else { panic!("the first tier is asked first") };
//! assert_eq!((start.tier.number(), call.poll()), (1, None));
//!
//! // … then sleep until `wake_at`, or until something happens, and tell it.
//! let later = call.wake_at().expect("an attempt that runs has a limit");
//! call.on(Event::Tick, &mut fleet, later);
//! assert!(matches!(call.poll(), Some(Action::Cancel { .. })));
//! assert!(matches!(call.poll(), Some(Action::Start(start)) if start.tier.number() == 2));
//! ```

#![forbid(unsafe_code)]

mod action;
mod breaker;
mod budget;
mod call;
mod fault;
mod fleet;
mod limits;
mod moment;
mod random;
mod route;
mod window;

pub use action::{Action, AttemptId, CancelReason, ContinuationMode, Event, Sign, Start, Task};
pub use breaker::{Admission, Breaker, Opening};
pub use budget::{
    Budget, Cost, Counted, LEAST_ANSWER, LimitSource, Need, NoRoom, Quota, Reading, Reservation, Share, Span, Spent,
    Standing, gpu_seconds,
};
pub use call::{Ask, AttemptRecord, Call, Decision, Ending, Outcome, Skip};
pub use fault::{Fault, FaultKind, Member};
pub use fleet::{Condition, Fleet, Hosting, QUEUE, Tier, TierId, WaiterId};
pub use limits::{FirstToken, Limit, Limits};
pub use moment::Moment;
pub use random::Random;
pub use route::{Hedge, Route};
