//! The tiers as they run: what the user configured, the connections to them, and how they stand.

pub(crate) mod confirmation;
mod replacement;
mod tier_facts;
pub(crate) mod wake_up;
mod wakers;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use cascade::{Admission, Budget, Condition, Fleet, Hosting, Moment, Reading, Route, TierId};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio::sync::watch;
use upstream::{Prefill, Target, Upstream};

use self::replacement::TierModels;
use self::wakers::{FleetGuard, Wakers};
use crate::drive::Adaptations;
use crate::gate::Gate;
use crate::http::Keys;
use crate::observer::Observer;
use crate::settings::{AllowedOrigins, Availability, Replacement, RouteSettings, Settings, TierSettings};

pub(crate) use self::replacement::{ModelNews, Search};
pub use self::tier_facts::{LimitFacts, TierFacts, TierIdentity, day_end};

/// The gateway's state, shared by every thread that serves.
pub struct Gateway {
    current: ArcSwap<Tiers>,
    observer: Arc<dyn Observer>,
    threads: usize,
    origin: Instant,
    begun: AtomicU64,
    /// Whether what is under way has to end now.
    stopping: watch::Sender<bool>,
}

/// The model that a tier is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierModel {
    /// What people call the tier.
    pub tier: String,
    /// The name of its account; empty where it has none.
    pub account: String,
    /// The model that the user wants.
    pub wanted: String,
    /// What stands in its place, where it is gone.
    pub replacement: Option<Replacement>,
}

/// Settings that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// A tier's key can be sent in no header.
    #[error("{tier}: its API key cannot be sent")]
    Key {
        /// Its name.
        tier: String,
        /// What is wrong with it.
        source: upstream::BadKey,
    },
    /// A route names a tier that is not there.
    #[error("route {route}: there is no tier {tier} that is switched on")]
    UnknownTier {
        /// The route's name.
        route: String,
        /// The number that it names.
        tier: u32,
    },
    /// The route that is to catch all is not there.
    #[error("there is no route {route} to catch all")]
    UnknownCatchAll {
        /// Its name.
        route: String,
    },
}

impl Gateway {
    /// A gateway whose requests are served by `threads` threads, each with connections of its own.
    ///
    /// # Errors
    ///
    /// Where a key or a route cannot be used.
    pub fn new(settings: Settings, observer: Arc<dyn Observer>, threads: usize) -> Result<Self, BadSettings> {
        let current = ArcSwap::from_pointee(Tiers::new(settings, threads, Moment::ZERO)?);
        Ok(Self {
            current,
            observer,
            threads,
            origin: Instant::now(),
            begun: AtomicU64::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    /// Takes other settings up. Requests that are under way end under those they began with, and a tier that is still the
    /// same keeps its breaker and what is left of its quota.
    ///
    /// # Errors
    ///
    /// As [`Gateway::new`]; the old settings stay.
    pub fn replace(&self, settings: Settings) -> Result<(), BadSettings> {
        let newer = Tiers::new(settings, self.threads, self.now())?;
        newer.take_over(&self.tiers(), self.now());
        self.current.store(Arc::new(newer));
        Ok(())
    }

    /// How the budget of each tier that has an account stands, by the account's name, and the moment by which it counts.
    #[must_use]
    pub fn budgets(&self) -> (Moment, Vec<(String, Budget)>) {
        let (tiers, now) = (self.tiers(), self.now());
        let fleet = tiers.fleet();
        let named = fleet.tiers().map(|(id, _)| (&tiers.settings(id).account.name, id));
        let budgets =
            named.filter(|(name, _)| !name.is_empty()).map(|(name, id)| (name.clone(), fleet.budget(id).clone()));
        (now, budgets.collect())
    }

    /// What is known of each tier, and how its limits stand.
    #[must_use]
    pub fn facts(&self) -> Vec<TierFacts> {
        let (tiers, now, wall) = (self.tiers(), self.now(), Timestamp::now());
        let fleet = tiers.fleet();
        let of = |(id, _): (TierId, &cascade::Tier)| {
            let TierSettings { number, name, target, keep_for, .. } = tiers.settings(id);
            let (kind, model) = (target.kind, &*tiers.models(id).in_use());
            let address = (!kind.is_engine()).then_some(&target.base_url);
            let identity = TierIdentity { number: *number, name, kind, model, address, keep_for };
            TierFacts::of(&identity, fleet.budget(id), now, wall)
        };
        fleet.tiers().map(of).collect()
    }

    /// Looks when the providers' days end. It is to be called now and then: clocks are set, and a summer begins and ends.
    pub fn look_at_the_clock(&self) {
        let (tiers, now, wall) = (self.tiers(), self.now(), Timestamp::now());
        let mut fleet = tiers.fleet();
        let ids: Vec<_> = fleet.tiers().map(|(id, _)| id).collect();
        for id in ids {
            if let Some(end) = day_end_of(tiers.settings(id), now, wall) {
                fleet.set_day_end(id, end);
            }
        }
    }

    /// Which model each tier is asked for.
    #[must_use]
    pub fn models(&self) -> Vec<TierModel> {
        let (tiers, now) = (self.tiers(), self.now());
        let model = |live: &Live| TierModel {
            tier: live.settings.name.clone(),
            account: live.settings.account.name.clone(),
            wanted: live.settings.target.model.clone(),
            replacement: live.models.replacement(now),
        };
        tiers.list.iter().map(model).collect()
    }

    /// Ends what is under way: each caller is told so.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Comes to its end once [`Gateway::stop`] is called.
    pub(crate) fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move {
            // The sender lives as long as the gateway, which whoever waits here holds.
            let _ = stopping.wait_for(|&stopping| stopping).await;
        }
    }

    pub(crate) fn tiers(&self) -> Arc<Tiers> {
        self.current.load_full()
    }

    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.observer
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::after(self.origin.elapsed())
    }

    /// `moment` on the clock that timers run by; `None` where it lies beyond the clock's reach.
    pub(crate) fn instant(&self, moment: Moment) -> Option<tokio::time::Instant> {
        self.origin.checked_add(moment.since(Moment::ZERO)).map(tokio::time::Instant::from_std)
    }

    /// A number that no other request of this gateway has.
    pub(crate) fn seed(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("tiers", &self.tiers().list.len()).finish_non_exhaustive()
    }
}

/// One set of settings, at work.
pub(crate) struct Tiers {
    list: Vec<Live>,
    fleet: Mutex<Fleet>,
    pub(crate) wakers: Wakers,
    routes: HashMap<String, Served>,
    /// In the order in which `GET /v1/models` lists them.
    names: Vec<String>,
    pub(crate) keys: Keys,
    pub(crate) keep_alive: Duration,
    pub(crate) allowed_origins: Arc<AllowedOrigins>,
    pub(crate) longest_stall: Duration,
    pub(crate) most_kept: usize,
    /// The route of what names none.
    catch_all: Option<Served>,
}

/// A route as requests are served by it.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) route: Arc<Route>,
    pub(crate) gates: Arc<[Gate]>,
}

struct Live {
    settings: TierSettings,
    /// One a thread.
    upstreams: Vec<Arc<Upstream>>,
    /// Whether a task is at work to wake it.
    waking: AtomicBool,
    /// Whether a task is at work to look at its list of models.
    confirming: AtomicBool,
    adaptations: Adaptations,
    models: Arc<TierModels>,
}

impl Tiers {
    fn new(settings: Settings, threads: usize, now: Moment) -> Result<Self, BadSettings> {
        let wall = Timestamp::now();
        let core = |tier| cascade::Tier { day_ends: day_end_of(tier, now, wall), ..core_tier(tier, &settings.tiers) };
        let mut fleet = Fleet::new(settings.tiers.iter().map(core).collect());
        let ids: Vec<_> = fleet.tiers().map(|(id, _)| id).collect();
        for (id, tier) in ids.into_iter().zip(&settings.tiers) {
            fleet.restore_budget(id, &tier.account.spent, now);
        }
        let routes = routes(&fleet, &settings.routes)?;
        let catch_all = match settings.catch_all {
            Some(name) => match routes.iter().find(|served| served.route.name == name) {
                Some(served) => Some(served.clone()),
                None => return Err(BadSettings::UnknownCatchAll { route: name }),
            },
            None => None,
        };
        let list = settings.tiers.into_iter().map(|tier| Live::new(tier, threads, now)).collect::<Result<_, _>>()?;
        Ok(Self {
            list,
            fleet: Mutex::new(fleet),
            wakers: Wakers::default(),
            names: routes.iter().map(|served| served.route.name.clone()).collect(),
            routes: routes.into_iter().map(|served| (served.route.name.clone(), served)).collect(),
            keys: Keys::new(&settings.api_keys),
            keep_alive: settings.keep_alive,
            allowed_origins: Arc::new(settings.allowed_origins),
            longest_stall: settings.longest_stall,
            most_kept: settings.most_kept,
            catch_all,
        })
    }

    /// Takes over how those of `older`'s tiers stand that are here too: the same address, model and key. Where one of
    /// these has changed, what went wrong before says nothing.
    fn take_over(&self, older: &Self, now: Moment) {
        let (mut fleet, older_fleet) = (self.fleet(), older.fleet());
        let ids: Vec<_> = fleet.tiers().map(|(id, _)| id).collect();
        let olds: Vec<_> = older_fleet.tiers().map(|(id, _)| id).collect();
        for id in ids {
            let same = |old: &TierId| same_target(&self.settings(id).target, &older.settings(*old).target);
            if let Some(old) = olds.iter().copied().find(same) {
                fleet.take_over(id, &older_fleet, old, now);
                self.models(id).take_over(older.models(old));
            }
        }
    }

    /// The core's view of the tiers. Held for the length of one decision, never across an await.
    pub(crate) fn fleet(&self) -> FleetGuard<'_> {
        FleetGuard::new(&self.fleet, &self.wakers)
    }

    /// As [`Tiers::fleet`], with each tier's condition and load as they are now.
    pub(crate) fn fleet_now(&self) -> FleetGuard<'_> {
        let mut fleet = self.fleet();
        fleet.set_conditions(|id| match self.availability(id) {
            Availability::Ready => Condition::Ready,
            Availability::Returning(_) => Condition::Returning,
            Availability::Unavailable(_) => Condition::Unavailable,
        });
        fleet.set_prefill(|id| self.prefill(id).is_some());
        fleet.set_loads(|id| Some(self.settings(id).presence.as_ref()?.load()?.wait));
        fleet
    }

    pub(crate) fn settings(&self, id: TierId) -> &TierSettings {
        &self.list[id.index()].settings
    }

    pub(crate) fn upstream(&self, id: TierId, thread: usize) -> Arc<Upstream> {
        Arc::clone(&self.list[id.index()].upstreams[thread])
    }

    /// Whether somebody looks at the list of models of `id`.
    pub(crate) fn confirming(&self, id: TierId) -> &AtomicBool {
        &self.list[id.index()].confirming
    }

    /// What `id` has been learned not to take.
    pub(crate) fn adaptations(&self, id: TierId) -> &Adaptations {
        &self.list[id.index()].adaptations
    }

    /// Which model `id` is asked for.
    pub(crate) fn models(&self, id: TierId) -> &Arc<TierModels> {
        &self.list[id.index()].models
    }

    /// Takes up what the provider of `id` said of its quotas.
    pub(crate) fn correct_budget(&self, id: TierId, readings: impl Iterator<Item = Reading>, now: Moment) {
        let mut fleet = self.fleet();
        readings.for_each(|reading| fleet.correct_budget(id, reading, now));
    }

    /// How `id` is asked to go on from an unfinished message, as any of the threads knows.
    pub(crate) fn prefill(&self, id: TierId) -> Option<Prefill> {
        self.list[id.index()].upstreams.iter().find_map(|upstream| upstream.prefill())
    }

    pub(crate) fn availability(&self, id: TierId) -> Availability {
        if self.waking(id).load(Ordering::Acquire) {
            return Availability::Unavailable("waking".to_owned());
        }
        self.settings(id).presence.as_ref().map_or(Availability::Ready, |presence| presence.now())
    }

    /// Whether `id` is being woken.
    pub(crate) fn waking(&self, id: TierId) -> &AtomicBool {
        &self.list[id.index()].waking
    }

    pub(crate) fn route(&self, name: &str) -> Option<Served> {
        self.routes.get(name).cloned()
    }

    /// The route of this name, or the one that catches all.
    pub(crate) fn route_or_catch_all(&self, name: &str) -> Option<Served> {
        self.route(name).or_else(|| self.catch_all.clone())
    }

    pub(crate) fn route_names(&self) -> &[String] {
        &self.names
    }

    /// Whether some tier can answer: it is there, and nothing is wrong with it that only a person can mend.
    pub(crate) fn ready(&self, now: Moment) -> bool {
        let fleet = self.fleet_now();
        fleet.tiers().any(|(id, _)| {
            let closed = match fleet.breaker(id).admission(now) {
                Admission::Yes | Admission::Probe => false,
                Admission::No { opening, .. } => !opening.may_mend(),
            };
            fleet.condition(id) == Condition::Ready && !closed
        })
    }
}

impl Served {
    fn without_gates(route: Route) -> Self {
        Self { route: Arc::new(route), gates: Arc::default() }
    }
}

impl Live {
    fn new(settings: TierSettings, threads: usize, now: Moment) -> Result<Self, BadSettings> {
        let connect = || {
            Upstream::new(settings.target.clone())
                .map(Arc::new)
                .map_err(|source| BadSettings::Key { tier: settings.name.clone(), source })
        };
        let remembered = settings.account.replacement.as_ref();
        let models = TierModels::new(&settings.target.model, settings.models.clone(), remembered, now);
        Ok(Self {
            upstreams: (0..threads).map(|_| connect()).collect::<Result<_, _>>()?,
            adaptations: Adaptations::new(&settings.target.facts().takes),
            settings,
            waking: AtomicBool::new(false),
            confirming: AtomicBool::new(false),
            models: Arc::new(models),
        })
    }
}

fn same_target(one: &Target, other: &Target) -> bool {
    let key = |target: &Target| target.key.as_ref().map(|key| key.expose_secret().to_owned());
    (one.kind, &one.base_url, &one.model) == (other.kind, &other.base_url, &other.model) && key(one) == key(other)
}

/// When the day ends that runs at the provider of a tier at `now`, which is `wall` on the clock on the wall.
fn day_end_of(settings: &TierSettings, now: Moment, wall: Timestamp) -> Option<Moment> {
    day_end(settings.target.kind, now, wall)
}

fn core_tier(settings: &TierSettings, all: &[TierSettings]) -> cascade::Tier {
    let facts = settings.target.facts();
    let hosting = match facts.hosting {
        upstream::Hosting::SelfHosted => Hosting::SelfHosted,
        upstream::Hosting::Cloud => Hosting::Cloud,
    };
    let &TierSettings { number, limits, retries, quota, plan, concurrency, queue, .. } = settings;
    let paid = settings.names().any(|model| facts.can_bill(model));
    let supervised = settings.presence.is_some();
    let same = |other: &TierSettings| other.target.facts().kind == facts.kind;
    let provider = all.iter().position(same).and_then(|first| first.try_into().ok()).unwrap_or_default();
    let prefill = settings.target.kind.is_engine();
    cascade::Tier {
        number,
        hosting,
        limits,
        retries,
        quota,
        plan,
        day_ends: None,
        keep_for: settings.keep_for.clone(),
        concurrency,
        queue,
        paid,
        supervised,
        provider,
        prefill,
    }
}

/// `auto`, `private`, the user's own, and one route a tier.
fn routes(fleet: &Fleet, own: &[RouteSettings]) -> Result<Vec<Served>, BadSettings> {
    let mut routes = vec![
        Served::without_gates(Route::through("auto", fleet, |_| true)),
        Served::without_gates(Route::through("private", fleet, |tier| tier.hosting == Hosting::SelfHosted)),
    ];
    for settings in own {
        let find = |&number: &u32| {
            let id = fleet.tiers().find(|(_, tier)| tier.number == number).map(|(id, _)| id);
            id.ok_or_else(|| BadSettings::UnknownTier { route: settings.name.clone(), tier: number })
        };
        let tiers = settings.tiers.iter().map(find).collect::<Result<_, _>>()?;
        routes.retain(|served| served.route.name != settings.name);
        let &RouteSettings { deadline, hold_tool_calls, hedge, .. } = settings;
        let route = Route { name: settings.name.clone(), tiers, deadline, hold_tool_calls, hedge };
        routes.push(Served { route: Arc::new(route), gates: settings.gates.as_slice().into() });
    }
    for (_, tier) in fleet.tiers() {
        let only = |other: &cascade::Tier| other.number == tier.number;
        routes.push(Served::without_gates(Route::through(format!("tier-{}", tier.number), fleet, only)));
    }
    Ok(routes)
}
