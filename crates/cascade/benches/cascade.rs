//! What one request costs in decisions.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use cascade::{Action, Ask, Call, Event, FaultKind, Fleet, Hosting, Moment, Route, Sign, Tier};
use criterion::{Criterion, criterion_group, criterion_main};

/// Asks `failing` tiers in vain, then takes `tokens` tokens from the next.
fn request(fleet: &mut Fleet, route: &Arc<Route>, failing: usize, tokens: u32) {
    let ask = Ask { prompt_tokens: 500, ..Ask::default() };
    let mut now = Moment::ZERO;
    let mut call = Call::begin(Arc::clone(route), ask, fleet, now);
    let mut failed = 0;
    while let Some(action) = call.poll() {
        let Action::Start(start) = action else { continue };
        now = now + Duration::from_millis(5);
        let attempt = start.attempt;
        if failed < failing {
            failed += 1;
            call.on(Event::Failed { attempt, fault: FaultKind::Nonsense.into(), tokens: None }, fleet, now);
            continue;
        }
        for _ in 0..tokens {
            call.heard(attempt, Sign::Token { kept: true }, now);
            black_box(call.wake_at());
        }
        call.on(Event::Finished { attempt, tokens: None }, fleet, now);
    }
    black_box(call.decision());
}

fn benches(criterion: &mut Criterion) {
    let mut fleet = Fleet::new((1..=4).map(|number| Tier::new(number, Hosting::Cloud)).collect());
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    criterion.bench_function("request/first tier, one token", |b| b.iter(|| request(&mut fleet, &route, 0, 1)));
    criterion.bench_function("request/first tier, 500 tokens", |b| b.iter(|| request(&mut fleet, &route, 0, 500)));
    criterion.bench_function("request/fourth tier, one token", |b| b.iter(|| request(&mut fleet, &route, 3, 1)));
}

criterion_group!(cascade, benches);
criterion_main!(cascade);
