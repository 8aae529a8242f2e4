use proptest::prelude::*;

use super::{Long, Plan, Strategy, plan};
use crate::error::Error;
use crate::threads::NEVER;

const STRATEGIES: [Strategy; 3] = [
    Strategy::Concatenate,
    Strategy::BestFit,
    Strategy::BestFitCrop,
];
const LONGS: [Long; 3] = [Long::Split, Long::Truncate, Long::Drop];

/// Rows as lists of (document, start, stop).
fn rows(plan: &Plan) -> Vec<Vec<(i64, i64, i64)>> {
    plan.row_bounds
        .windows(2)
        .map(|bounds| {
            (bounds[0] as usize..bounds[1] as usize)
                .map(|at| (plan.documents[at], plan.starts[at], plan.stops[at]))
                .collect()
        })
        .collect()
}

fn planned(lengths: &[i64], strategy: Strategy, long: Long) -> Vec<Vec<(i64, i64, i64)>> {
    rows(&plan(lengths, 4, strategy, long, NEVER).unwrap())
}

#[test]
fn concatenating_cuts_wherever_a_row_is_full() {
    assert_eq!(
        planned(&[3, 0, 9, 1], Strategy::Concatenate, Long::Split),
        [
            vec![(0, 0, 3), (2, 0, 1)],
            vec![(2, 1, 5)],
            vec![(2, 5, 9)],
            vec![(3, 0, 1)]
        ]
    );
}

#[test]
fn best_fit_leaves_the_least_room_and_takes_the_row_that_waits_longest() {
    assert_eq!(
        planned(&[2, 3, 2, 1, 3, 1], Strategy::BestFit, Long::Split),
        [
            vec![(1, 0, 3), (3, 0, 1)],
            vec![(4, 0, 3), (5, 0, 1)],
            vec![(0, 0, 2), (2, 0, 2)]
        ]
    );
    assert_eq!(
        planned(&[9, 2], Strategy::BestFit, Long::Split),
        [vec![(0, 0, 4)], vec![(0, 4, 8)], vec![(1, 0, 2), (0, 8, 9)]]
    );
}

#[test]
fn crops_fill_a_row_with_the_shortest() {
    assert_eq!(
        planned(&[3, 3, 2, 9], Strategy::BestFitCrop, Long::Truncate),
        [vec![(3, 0, 4)], vec![(0, 0, 3), (2, 0, 1)], vec![(1, 0, 3)]]
    );
}

#[test]
fn what_cannot_be_is_refused() {
    for strategy in STRATEGIES {
        let refused = |lengths: &[i64], length, long| {
            plan(lengths, length, strategy, long, NEVER).unwrap_err()
        };
        for error in [
            refused(&[1], 0, Long::Split),
            refused(&[1, -1], 1, Long::Drop),
        ] {
            assert!(matches!(error, Error::InvalidArgument { .. }));
        }
        let overflow = refused(&[i64::MAX, 1], i64::MAX, Long::Truncate);
        assert_eq!(overflow, Error::CountOverflow);
        let many = refused(&[1 << 40], 2, Long::Split);
        assert!(matches!(many, Error::TooManyPieces { .. }));
        let stopped = plan(&[1], 1, strategy, Long::Split, &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
        let long = plan(&[1 << 40], 1 << 40, strategy, Long::Split, NEVER).unwrap();
        assert_eq!(rows(&long), [[(0, 0, 1 << 40)]]);
    }
}

proptest! {
    #[test]
    fn each_id_is_in_one_row_at_most(
        lengths in prop::collection::vec(0i64..30, 0..60),
        length in 1i64..20,
        strategy in prop::sample::select(&STRATEGIES[..]),
        long in prop::sample::select(&LONGS[..]),
    ) {
        let plan = plan(&lengths, length, strategy, long, NEVER).unwrap();
        let mut seen: Vec<_> = lengths.iter().map(|&own| vec![false; own as usize]).collect();
        let rows = rows(&plan);
        for (number, row) in rows.iter().enumerate() {
            let filled: i64 = row.iter().map(|&(_, start, stop)| stop - start).sum();
            prop_assert!(0 < filled && filled <= length);
            if strategy != Strategy::BestFit && number + 1 < rows.len() {
                prop_assert_eq!(filled, length);
            }
            for &(document, start, stop) in row {
                prop_assert!(start < stop);
                for at in start..stop {
                    prop_assert!(!std::mem::replace(&mut seen[document as usize][at as usize], true));
                }
            }
        }
        if long == Long::Split && strategy != Strategy::BestFitCrop {
            prop_assert!(seen.iter().flatten().all(|&seen| seen));
        }
    }
}
