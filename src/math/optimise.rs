//! The maximum of a function of a few variables: Newton's method uphill, safeguarded, within bounds.
//!
//! ```text
//! (C + ridge · diag |C|) s = g,   C = −H or its expectation, over the variables that are not held on a bound
//! ```
//! The ridge rises until C is positive definite. No variable moves farther than `longest` in a step; where f does not
//! rise along it, the step is halved or turned towards the gradient. Every climb ends, and says how.

use super::linalg::cholesky;
use super::root::Stop;

/// A function about a point.
pub trait Expansion {
    /// f.
    fn value(&self) -> f64;
    /// ∂f/∂xᵢ.
    fn gradient(&self, i: usize) -> f64;
    /// −∂²f/∂xᵢ∂xⱼ for j ≤ i, or its expectation.
    fn curvature(&self, i: usize, j: usize) -> f64;
}

/// What is done about a step along which the function does not rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retreat {
    /// It is halved, up to so many times.
    Halve(usize),
    /// It is turned towards the gradient by a ridge, up to so many times; the next step begins with what is left of it.
    Ridge(usize),
}

/// How to climb.
#[derive(Clone, Copy, Debug)]
pub struct Climb<'a> {
    /// Most iterations.
    pub patience: usize,
    /// Farthest that a variable moves in a step.
    pub longest: f64,
    /// Least and largest value of each variable; one that has a single value never moves. Empty: no bounds.
    pub bounds: &'a [(f64, f64)],
    /// What is done about a step that does not rise.
    pub retreat: Retreat,
    /// Loss that counts as none, as a share of 1 + |f|: its rounding.
    pub slack: f64,
    /// Where f has steps of its own, their size as a share of 1 + |f|: a short step that gains no more ends the climb.
    pub noise: Option<f64>,
}

/// A step that is about to be taken.
pub struct Step<'a, X, E> {
    /// From here.
    pub at: &'a X,
    /// The function there.
    pub here: &'a E,
    /// Change of every variable, zero of those that are held.
    pub step: &'a X,
    /// Whether C alone gave it.
    pub is_newton: bool,
    /// What f should gain: ½ gᵀs.
    pub rise: f64,
}

/// Where a climb ended.
#[derive(Clone, Debug)]
pub struct Summit<X, E> {
    /// The variables.
    pub at: X,
    /// The function there.
    pub here: E,
    /// The step that was so short that it was not taken.
    pub last: Option<X>,
    /// Iterations used.
    pub iterations: usize,
    /// How they ended.
    pub stop: Stop,
    /// Variables that are held on a bound.
    pub held: Vec<bool>,
}

/// A pivot below this share of its diagonal element is rounding.
const LEAST: f64 = 1e-13;

/// Steps shorter than this, relative to 1 + |x|, may end a climb by their noise.
const SHORT: f64 = 1e-2;

/// C of some variables, row by row; of the lower triangle alone.
fn curvature(here: &impl Expansion, free: &[usize]) -> Vec<f64> {
    let n = free.len();
    let mut out = vec![0.0; n * n];
    for (r, &i) in free.iter().enumerate() {
        (0..=r).for_each(|c| out[r * n + c] = here.curvature(i, free[c]));
    }
    out
}

/// (C + ridge · diag |C|)⁻¹ b over some variables; `None` unless that matrix is positive definite.
pub fn solve(
    here: &impl Expansion,
    free: &[usize],
    ridge: f64,
    b: impl Fn(usize) -> f64,
) -> Option<Vec<f64>> {
    let n = free.len();
    let mut a = curvature(here, free);
    (0..n).map(|r| r * (n + 1)).for_each(|d| a[d] += ridge * a[d].abs().max(1e-6));
    let mut x: Vec<f64> = free.iter().map(|&i| b(i)).collect();
    cholesky::factor(&mut a, n, LEAST).then(|| cholesky::substitute(&a, n, &mut x))?;
    Some(x)
}

/// C⁻¹ of some variables, row by row; `None` unless C is positive definite there.
pub fn covariance(here: &impl Expansion, free: &[usize]) -> Option<Vec<f64>> {
    let n = free.len();
    let mut a = curvature(here, free);
    cholesky::factor(&mut a, n, LEAST).then(|| cholesky::inverse_of_factor(&a, n))
}

/// ½ gᵀs.
pub fn rise(here: &impl Expansion, free: &[usize], step: &[f64]) -> f64 {
    free.iter().zip(step).map(|(&i, s)| 0.5 * here.gradient(i) * s).sum()
}

/// How one iteration ended.
enum Outcome<X, E> {
    /// To a point, by a step of which this is the largest change relative to 1 + |x|.
    Moved(X, E, f64),
    Arrived(X),
    Stuck,
}

impl Climb<'_> {
    /// The nearest point within the bounds.
    pub fn within<X: AsMut<[f64]>>(&self, mut x: X) -> X {
        // a value that is none stays so
        x.as_mut().iter_mut().zip(self.bounds).for_each(|(x, b)| *x = x.max(b.0).min(b.1));
        x
    }

    /// Climbs from a point within the bounds, where the function is `here`, until a step makes `arrived` true or none goes
    /// up. Where `f` gives nothing the climb does not go.
    pub fn from<X, E>(
        &self,
        mut at: X,
        mut here: E,
        mut f: impl FnMut(&X) -> Option<E>,
        arrived: impl Fn(&Step<'_, X, E>) -> bool,
    ) -> Summit<X, E>
    where
        X: Clone + AsRef<[f64]> + AsMut<[f64]>,
        E: Expansion,
    {
        let mut ridge = 0.0;
        for iterations in 1..=self.patience {
            let held = self.held(at.as_ref(), &here);
            let (stop, last) = match self.advance(&at, &here, &held, &mut ridge, &mut f, &arrived) {
                Outcome::Moved(next, there, largest) => {
                    let idle = largest < SHORT && self.is_noise(there.value() - here.value(), &here);
                    (at, here) = (next, there);
                    (idle.then_some(Stop::Converged), None)
                }
                Outcome::Arrived(last) => (Some(Stop::Converged), Some(last)),
                // no step goes up: the top, to rounding
                Outcome::Stuck => (Some(Stop::Converged), None),
            };
            if let Some(stop) = stop {
                return Summit { at, here, last, iterations, stop, held };
            }
        }
        let held = self.held(at.as_ref(), &here);
        Summit { at, here, last: None, iterations: self.patience, stop: Stop::Patience, held }
    }

    /// Variables on a bound beyond which f would rise.
    fn held(&self, at: &[f64], here: &impl Expansion) -> Vec<bool> {
        let on = |(i, x): (usize, &f64)| {
            let Some((lo, hi)) = self.bounds.get(i) else { return false };
            let slope = here.gradient(i);
            *x <= *lo && slope <= 0.0 || *x >= *hi && slope >= 0.0 || lo == hi
        };
        at.iter().enumerate().map(on).collect()
    }

    /// Whether a gain is no more than the noise of f.
    fn is_noise(&self, gain: f64, here: &impl Expansion) -> bool {
        self.noise.is_some_and(|noise| gain <= noise * (1.0 + here.value().abs()))
    }

    /// The first step that goes up.
    fn advance<X, E>(
        &self,
        at: &X,
        here: &E,
        held: &[bool],
        ridge: &mut f64,
        f: &mut impl FnMut(&X) -> Option<E>,
        arrived: &impl Fn(&Step<'_, X, E>) -> bool,
    ) -> Outcome<X, E>
    where
        X: Clone + AsRef<[f64]> + AsMut<[f64]>,
        E: Expansion,
    {
        let free: Vec<usize> = (0..held.len()).filter(|&i| !held[i]).collect();
        let (tries, first_ridge, keeps) = match self.retreat {
            Retreat::Halve(tries) => (tries, 1.0, false),
            Retreat::Ridge(tries) => (tries, 1e-3, true),
        };
        if !keeps {
            *ridge = 0.0;
        }
        let mut share = 1.0;
        for _ in 0..tries {
            let Some(free_step) = definite(here, &free, ridge, first_ridge) else { return Outcome::Stuck };
            let mut step = at.clone();
            step.as_mut().fill(0.0);
            free.iter().zip(&free_step).for_each(|(&i, s)| step.as_mut()[i] = *s);
            let rise = rise(here, &free, &free_step);
            if share == 1.0 && arrived(&Step { at, here, step: &step, is_newton: *ridge == 0.0, rise }) {
                return Outcome::Arrived(step);
            }
            let next = self.moved(at, step.as_ref(), share);
            let least = here.value() - self.slack * (1.0 + here.value().abs());
            if let Some(there) = f(&next).filter(|t| t.value() > least && t.value().is_finite()) {
                *ridge = if *ridge < 1e-6 { 0.0 } else { *ridge * 0.1 };
                return Outcome::Moved(next, there, relative(at.as_ref(), step.as_ref()));
            }
            if keeps {
                *ridge = (*ridge * 6.0).max(1e-4);
            } else {
                share *= 0.5;
            }
        }
        Outcome::Stuck
    }

    /// A share of a step, no longer than is allowed and within the bounds.
    fn moved<X: Clone + AsMut<[f64]>>(&self, at: &X, step: &[f64], share: f64) -> X {
        let longest = step.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
        let share = share * (self.longest / longest).min(1.0);
        let mut next = at.clone();
        next.as_mut().iter_mut().zip(step).for_each(|(x, s)| *x += share * s);
        self.within(next)
    }
}

/// The largest change of a step, relative to 1 + |x|.
pub fn relative(at: &[f64], step: &[f64]) -> f64 {
    at.iter().zip(step).map(|(x, s)| s.abs() / (1.0 + x.abs())).fold(0.0, f64::max)
}

/// The step of a ridge at which the curvature is positive definite; `None` where no ridge makes it so.
fn definite(here: &impl Expansion, free: &[usize], ridge: &mut f64, first: f64) -> Option<Vec<f64>> {
    while ridge.is_finite() {
        if let Some(step) = solve(here, free, *ridge, |i| here.gradient(i)) {
            return Some(step);
        }
        *ridge = (*ridge * 4.0).max(first);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// −Rosenbrock's function.
    struct Valley([f64; 2]);

    impl Expansion for Valley {
        fn value(&self) -> f64 {
            let [x, y] = self.0;
            -(1.0 - x).powi(2) - 100.0 * (y - x * x).powi(2)
        }

        fn gradient(&self, i: usize) -> f64 {
            let [x, y] = self.0;
            if i == 0 { 2.0 * (1.0 - x) + 400.0 * x * (y - x * x) } else { -200.0 * (y - x * x) }
        }

        fn curvature(&self, i: usize, j: usize) -> f64 {
            let [x, y] = self.0;
            match (i, j) {
                (0, 0) => 2.0 - 400.0 * (y - 3.0 * x * x),
                (1, 1) => 200.0,
                _ => -400.0 * x,
            }
        }
    }

    fn climb(retreat: Retreat, bounds: &[(f64, f64)]) -> Summit<[f64; 2], Valley> {
        let climb = Climb { patience: 200, longest: 5.0, bounds, retreat, slack: 0.0, noise: None };
        let start = climb.within([-1.2, 1.0]);
        climb.from(start, Valley(start), |x| Some(Valley(*x)), |s| s.rise < 1e-20)
    }

    #[test]
    fn a_bent_valley_is_followed_to_its_end() {
        for retreat in [Retreat::Halve(30), Retreat::Ridge(60)] {
            let top = climb(retreat, &[]);
            assert!(
                (top.at[0] - 1.0).abs() < 1e-8 && (top.at[1] - 1.0).abs() < 1e-8,
                "{retreat:?}: {:?}",
                top.at
            );
            assert_eq!((top.stop, top.held), (Stop::Converged, vec![false, false]));
        }
    }

    #[test]
    fn bounds_hold_what_would_cross_them() {
        for retreat in [Retreat::Halve(30), Retreat::Ridge(60)] {
            let top = climb(retreat, &[(-2.0, 0.5), (-2.0, 2.0)]);
            assert!((top.at[1] - 0.25).abs() < 1e-8, "{retreat:?}: {:?}", top.at);
            assert_eq!((top.at[0], top.held), (0.5, vec![true, false]));
            let fixed = climb(retreat, &[(-1.2, -1.2), (f64::NEG_INFINITY, f64::INFINITY)]);
            assert!((fixed.at[1] - 1.44).abs() < 1e-8 && fixed.at[0] == -1.2);
        }
    }
}
