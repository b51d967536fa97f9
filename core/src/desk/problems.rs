//! Known problems, found by the error code, the words of the message and where it happened.

use std::cmp::Reverse;

use super::local::checked;
use super::words::{Keyword, Words};
use crate::document::{Collector, document};
use crate::error::{Error, ErrorCode};
use crate::program::Localized;

document! {
    /// A problem that the desk knows.
    pub struct KnownProblem {
        /// Its article in the knowledge base: an address.
        pub article: Option<String>,
        /// The error codes by which it is known. Capital and small letters are the same.
        pub codes: Vec<String> = Vec::new(),
        /// The component that has it.
        pub component: Option<String>,
        /// The first version in which it is mended, such as `2.10.1`.
        pub fixed_in: Option<String>,
        /// Its id.
        pub id: String,
        /// Words or beginnings of words by which it is known: `сканер` also finds «сканером».
        pub keywords: Vec<String> = Vec::new(),
        /// What it is called.
        pub name: Localized,
        /// The stores that have it; any store if empty.
        pub stores: Vec<String> = Vec::new(),
        /// What to do in the meantime.
        pub workaround: Option<Localized>,
    }
}

document! {
    /// Asks which known problems a message may be about.
    pub struct ProblemsQuery {
        /// The error code that was shown.
        pub code: Option<String>,
        /// The component that is concerned.
        pub component: Option<String>,
        /// At most so many are answered.
        pub limit: u32 = 5,
        /// The known problems; those of the desk if left out.
        pub problems: Vec<KnownProblem> = Vec::new(),
        /// The store from which the message comes.
        pub store: Option<String>,
        /// What the message says.
        pub text: Option<String>,
        /// The version that is in use there.
        pub version: Option<String>,
    }
}

document! {
    /// Known problems that a message may be about.
    pub struct ProblemsAnswer {
        /// The likeliest first: those not mended yet in the version in use before those that are;
        /// then those known by the error code; then by more keywords; then those of the component;
        /// then those of the store; then as they stand in the list.
        pub matches: Vec<ProblemMatch>,
    }
}

document! {
    /// A known problem and why it was found.
    pub struct ProblemMatch {
        /// Whether it has the error code.
        pub by_code: bool,
        /// Whether it has the component.
        pub by_component: bool,
        /// Which of its keywords are in the text, in the order of the problem.
        pub by_keywords: Vec<String>,
        /// Whether it names the store.
        pub by_store: bool,
        /// Whether the version in use is said to have it mended.
        pub fixed: bool,
        /// The problem.
        pub problem: KnownProblem,
    }
}

/// Finds known problems. A problem is found by its code or by at least one keyword; one of another
/// component is not, nor one of other stores.
///
/// # Errors
/// Everything that is wrong with the problems.
pub fn answer_problems(query: &ProblemsQuery) -> Result<ProblemsAnswer, Error> {
    checked(|collector| check_problems(&query.problems, collector, "/problems"))?;
    let text = Words::new(query.text.as_deref().unwrap_or_default());
    let found = query.problems.iter().filter_map(|problem| problem.found(query, &text));
    let mut matches: Vec<ProblemMatch> = found.collect();
    matches.sort_by_key(|found| {
        let keywords = Reverse(found.by_keywords.len());
        (found.fixed, !found.by_code, keywords, !found.by_component, !found.by_store)
    });
    matches.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
    Ok(ProblemsAnswer { matches })
}

/// Checks known problems.
pub(crate) fn check_problems(list: &[KnownProblem], collector: &mut Collector, path: &str) {
    collector.unique(list.iter().map(|problem| &problem.id), path);
    for (index, problem) in list.iter().enumerate() {
        let path = format!("{path}/{index}");
        if problem.codes.is_empty() && problem.keywords.is_empty() {
            let message = "give it a code or a keyword, or it is never found";
            collector.mistake(ErrorCode::DeskEmpty, &path, message);
        }
        for (place, keyword) in problem.keywords.iter().enumerate() {
            if Keyword::new(keyword).is_empty() {
                let message = "the keyword has neither letters nor digits";
                let path = format!("{path}/keywords/{place}");
                collector.mistake(ErrorCode::DocumentTextEmpty, &path, message);
            }
        }
        if let Some(version) = problem.fixed_in.as_ref().filter(|it| numbers(it).is_none()) {
            let message = format!("`{version}` is no version such as 2.10.1");
            collector.contradiction(&format!("{path}/fixed_in"), message);
        }
    }
}

impl KnownProblem {
    fn found(&self, query: &ProblemsQuery, text: &Words) -> Option<ProblemMatch> {
        let same =
            |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
        let code = query.code.as_deref();
        let by_code = code.is_some_and(|code| self.codes.iter().any(|own| same(own, code)));
        let found = |keyword: &&String| text.has(&Keyword::new(keyword));
        let by_keywords: Vec<_> = self.keywords.iter().filter(found).cloned().collect();
        let components = self.component.as_ref().zip(query.component.as_ref());
        let by_component = components.is_some_and(|(own, asked)| own == asked);
        let by_store = query.store.as_ref().is_some_and(|store| self.stores.contains(store));
        let elsewhere = components.is_some() && !by_component;
        let other_store = !self.stores.is_empty() && !by_store;
        if elsewhere || other_store || (!by_code && by_keywords.is_empty()) {
            return None;
        }
        let fixed_in = self.fixed_in.as_deref().and_then(numbers);
        let used = query.version.as_deref().and_then(numbers);
        Some(ProblemMatch {
            by_code,
            by_component,
            by_keywords,
            by_store,
            fixed: fixed_in.zip(used).is_some_and(|(fixed, used)| used >= fixed),
            problem: self.clone(),
        })
    }
}

/// The numbers of a version without the zeros at its end: 2.0 is 2.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    };
    let mut numbers = version.split('.').map(number).collect::<Option<Vec<u64>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(id: &str, codes: &[&str], keywords: &[&str]) -> KnownProblem {
        let all = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        KnownProblem {
            codes: all(codes),
            id: id.into(),
            keywords: all(keywords),
            ..KnownProblem::default()
        }
    }

    fn ids(query: &ProblemsQuery) -> Vec<String> {
        let answer = answer_problems(query).unwrap();
        answer.matches.into_iter().map(|found| found.problem.id).collect()
    }

    fn asked(problems: Vec<KnownProblem>) -> ProblemsQuery {
        ProblemsQuery {
            code: Some("network".into()),
            problems,
            store: Some("almaz".into()),
            text: Some("Не работает СКАНЕР, счётчик чеков стоит".into()),
            ..ProblemsQuery::default()
        }
    }

    #[test]
    fn the_error_code_weighs_more_than_any_number_of_keywords() {
        let problems = vec![
            problem("words", &[], &["сканер", "чек"]),
            problem("code", &["NETWORK"], &[]),
            problem("neither", &["backend"], &["принтер"]),
        ];
        assert_eq!(ids(&asked(problems)), ["code", "words"]);
    }

    #[test]
    fn a_keyword_is_the_beginning_of_a_word_in_any_letters() {
        for (keyword, found) in [
            ("сканер", true),
            ("Счетчик", true),
            ("не  работает", true),
            ("канер", false),
            ("чеки", false),
            ("работает сканер", true),
        ] {
            let list = asked(vec![problem("one", &[], &[keyword])]);
            assert_eq!(ids(&list).len(), usize::from(found), "{keyword}");
        }
    }

    #[test]
    fn more_keywords_then_component_then_store_then_order_decide() {
        let mut here = problem("here", &[], &["сканер"]);
        here.stores = vec!["almaz".into()];
        let mut part = problem("part", &[], &["сканер"]);
        part.component = Some("scanner".into());
        let first = problem("first", &[], &["сканер"]);
        let two = problem("two", &[], &["сканер", "чек"]);
        let mut query = asked(vec![first, here, part, two]);
        query.component = Some("scanner".into());
        assert_eq!(ids(&query), ["two", "part", "here", "first"]);
    }

    #[test]
    fn what_another_component_or_another_store_has_is_not_found() {
        let mut elsewhere = problem("elsewhere", &["network"], &[]);
        elsewhere.stores = vec!["rubin".into()];
        let mut other = problem("other", &["network"], &[]);
        other.component = Some("1c".into());
        let mut query = asked(vec![elsewhere, other]);
        assert_eq!(ids(&query), ["other"]);
        query.component = Some("backend".into());
        assert!(ids(&query).is_empty());
    }

    #[test]
    fn what_the_version_has_mended_comes_last_and_versions_are_numbers() {
        let mut mended = problem("mended", &["network"], &[]);
        mended.fixed_in = Some("2.9".into());
        let open = problem("open", &[], &["сканер"]);
        let mut query = asked(vec![mended, open]);
        for (version, order) in [
            (Some("2.10.0"), ["open", "mended"]),
            (Some("2.9.0"), ["open", "mended"]),
            (Some("2.8.9"), ["mended", "open"]),
            (Some("latest"), ["mended", "open"]),
            (None, ["mended", "open"]),
        ] {
            query.version = version.map(str::to_owned);
            assert_eq!(ids(&query), order, "{version:?}");
        }
    }

    #[test]
    fn at_most_the_limit_is_answered() {
        let list = (0..9).map(|it| problem(&format!("p{it}"), &["network"], &[])).collect();
        assert_eq!(ids(&asked(list)), ["p0", "p1", "p2", "p3", "p4"]);
    }

    #[test]
    fn a_problem_that_is_never_found_is_refused() {
        let mut bad = problem("bad", &[], &["—"]);
        bad.fixed_in = Some("next".into());
        let error = answer_problems(&asked(vec![problem("bad", &[], &[]), bad])).unwrap_err();
        let found: Vec<_> =
            error.mistakes().iter().map(|it| (it.path.as_str(), it.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/problems/1/id", "desk.duplicate"),
                ("/problems/0", "desk.empty"),
                ("/problems/1/keywords/0", "document.text_empty"),
                ("/problems/1/fixed_in", "desk.contradiction"),
            ]
        );
    }
}
