use super::*;

fn tokens(first: Token, count: usize) -> Vec<Token> {
    std::iter::once(first).chain(1..).take(count).collect()
}

fn lengths(warm: &Warm) -> Vec<u32> {
    warm.tell_all(|_| 0).prefixes.iter().map(|prefix| prefix.tokens).collect()
}

#[test]
fn what_two_requests_share_is_warm_and_what_is_short_is_not() {
    let mut warm = Warm::new(PLACES, 1000);
    assert!(warm.began(&tokens(0, 500), SHORTEST - 1, |_| 1000).is_none());
    assert_eq!(warm.began(&tokens(0, 500), 300, |_| 1000).map(|placed| placed.place), Some(0));
    assert!(warm.began(&tokens(0, 400), 300, |_| 1000).is_none());
    assert!(warm.began(&tokens(0, 400), 200, |_| 1000).is_none(), "a start of what is warm is warm");
    assert_eq!(lengths(&warm), [300]);
}

#[test]
fn a_start_that_grows_far_enough_takes_the_place_of_its_own_beginning() {
    let mut warm = Warm::new(PLACES, 1000);
    warm.began(&tokens(0, 500), 400, |_| 1000);
    assert!(warm.began(&tokens(0, 600), 499, |_| 1000).is_none());
    let placed = warm.began(&tokens(0, 600), 500, |_| 1000).expect("a new prefix");
    assert_eq!(placed.before.map(|prefix| prefix.tokens.len()), Some(400));
    assert_eq!(lengths(&warm), [500]);
}

#[test]
fn what_is_known_to_come_stays_while_others_come_and_go() {
    let mut warm = Warm::new(PLACES, 1000);
    warm.tell(tokens(7, 100));
    for first in 10..30 {
        warm.began(&tokens(first, 200), 150, |_| 1000);
    }
    let warmth = warm.tell_all(|_| 0);
    assert_eq!(warmth.prefixes.len(), PLACES);
    assert_eq!(warmth.prefixes.iter().filter(|prefix| prefix.known).count(), 1);
    assert!(warm.tell(tokens(7, 100)).is_none(), "it has its place already");
    assert_eq!(warm.by_need()[0], 0);
    // What goes on from it does not take its place either.
    warm.began(&tokens(7, 400), 300, |_| 1000);
    assert_eq!(warm.at(0).map(|prefix| prefix.tokens.len()), Some(100));
}

#[test]
fn the_prefix_that_was_unused_longest_makes_way() {
    let mut warm = Warm::new(2, 1000);
    warm.began(&tokens(1, 200), 100, |_| 1000);
    warm.began(&tokens(2, 200), 100, |_| 1000);
    warm.began(&tokens(1, 200), 100, |_| 1000);
    let placed = warm.began(&tokens(3, 200), 100, |_| 1000).expect("a new prefix");
    assert_eq!(placed.before.map(|prefix| prefix.tokens[0]), Some(2));
}

#[test]
fn one_place_is_left_for_what_requests_share() {
    let mut warm = Warm::new(PLACES, 1000);
    for first in 0..14 {
        warm.tell(tokens(first, 70));
    }
    assert_eq!(warm.tell_all(|_| 0).prefixes.iter().filter(|prefix| prefix.known).count(), MOST_KNOWN);
    let newest: Vec<_> = warm.by_need().iter().map(|&place| warm.at(place).expect("a prefix").tokens[0]).collect();
    assert_eq!(newest, (2..14).rev().collect::<Vec<_>>());
}

#[test]
fn what_is_known_to_come_is_never_more_than_there_is_room_for() {
    let mut warm = Warm::new(PLACES, 1000);
    warm.tell(tokens(1, 600));
    warm.tell(tokens(2, 2000));
    let warmth = warm.tell_all(|_| 0);
    assert_eq!(
        warmth.prefixes.iter().map(|prefix| (prefix.tokens, prefix.known)).collect::<Vec<_>>(),
        [(600, false), (1000, true)]
    );
}

#[test]
fn where_there_is_no_place_nothing_is_warm() {
    let mut warm = Warm::new(0, 1000);
    assert!(warm.tell(tokens(1, 100)).is_none() && warm.began(&tokens(1, 200), 100, |_| 1000).is_none());
    assert_eq!(warm.tell_all(|_| 0), Warmth::default());
}

#[test]
fn a_place_that_had_to_make_way_is_filled_again_from_the_next_request() {
    let mut warm = Warm::new(PLACES, 1000);
    warm.tell(tokens(1, 400));
    let placed = warm.began(&tokens(1, 500), 300, |_| 0).expect("the place");
    assert_eq!((placed.place, placed.count), (0, 300));
    assert!(warm.began(&tokens(1, 500), 300, |_| 300).is_none());
    assert_eq!(warm.began(&tokens(1, 500), 450, |_| 300).map(|placed| placed.count), Some(400));
    assert_eq!(lengths(&warm), [400]);
}
