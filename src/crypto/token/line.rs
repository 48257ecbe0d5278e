//! A session that is made when it is needed, and anew when it is lost: once a call. What a
//! token says to a PIN is never asked twice.

use super::TokenError;

/// The session, if there is one.
pub(super) struct Line<S> {
    session: Option<S>,
    refused: Option<TokenError>,
}

impl<S> Default for Line<S> {
    fn default() -> Self {
        Self { session: None, refused: None }
    }
}

impl<S> Line<S> {
    /// Does `work`; if the session that was there turns out to be lost, once more in a new one.
    pub fn run<T>(
        &mut self,
        log_in: &impl Fn() -> Result<S, TokenError>,
        mut work: impl FnMut(&mut S) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let stood = self.session.is_some();
        match self.once(log_in, &mut work) {
            Err(error) if error.lost() && stood => self.once(log_in, &mut work),
            done => done,
        }
    }

    /// Does `work` once.
    pub fn once<T>(
        &mut self,
        log_in: &impl Fn() -> Result<S, TokenError>,
        work: &mut impl FnMut(&mut S) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        let mut session = match self.session.take() {
            Some(session) => session,
            None => log_in().inspect_err(|error| {
                self.refused = Some(error.clone()).filter(TokenError::is_final);
            })?,
        };
        let done = work(&mut session);
        // One that is lost is closed here, before another is made.
        self.session = Some(session).filter(|_| !done.as_ref().is_err_and(TokenError::lost));
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn lost() -> TokenError {
        TokenError::Lost("gone".into())
    }

    /// Calls of `log_in` and of `work` that a run takes, and how it ends, where the first
    /// `bad` calls of `work` lose the session.
    fn run(line: &mut Line<()>, bad: u32) -> (u32, u32, bool) {
        let (log_ins, works) = (Cell::new(0), Cell::new(0));
        let log_in = || {
            log_ins.set(log_ins.get() + 1);
            Ok(())
        };
        let done = line.run(&log_in, |()| {
            works.set(works.get() + 1);
            if works.get() <= bad { Err(lost()) } else { Ok(()) }
        });
        (log_ins.get(), works.get(), done.is_ok())
    }

    #[test]
    fn a_lost_session_costs_one_new_log_in_and_no_more() {
        let mut line = Line::default();
        assert_eq!(run(&mut line, 0), (1, 1, true), "the first");
        assert_eq!(run(&mut line, 0), (0, 1, true), "the same");
        assert_eq!(run(&mut line, 1), (1, 2, true), "lost and made anew");
        assert_eq!(run(&mut line, 9), (1, 2, false), "lost for good");
        assert_eq!(run(&mut line, 1), (1, 1, false), "what is new is not made anew");
        assert_eq!(run(&mut line, 0), (1, 1, true), "and it is back");
    }

    #[test]
    fn a_failure_of_another_kind_is_not_repeated() {
        let mut line = Line::default();
        let (log_ins, works) = (Cell::new(0), Cell::new(0));
        let log_in = || {
            log_ins.set(log_ins.get() + 1);
            Ok(())
        };
        for error in [TokenError::Failed("no".into()), TokenError::Ambiguous("two".into())] {
            let done: Result<(), _> = line.run(&log_in, |()| {
                works.set(works.get() + 1);
                Err(error.clone())
            });
            assert_eq!(done, Err(error));
        }
        assert_eq!((log_ins.get(), works.get()), (1, 2));
        assert_eq!(run(&mut line, 0), (0, 1, true), "it does no harm to the session");
    }

    #[test]
    fn a_pin_that_was_refused_is_not_tried_again() {
        let mut line = Line::<()>::default();
        let tries = Cell::new(0);
        let log_in = || {
            tries.set(tries.get() + 1);
            Err(TokenError::PinRefused("a".into()))
        };
        for _ in 0..3 {
            assert_eq!(line.run(&log_in, |()| Ok(())), Err(TokenError::PinRefused("a".into())));
        }
        assert_eq!(tries.get(), 1);
    }
}
