//! What customers think: satisfaction after a ticket (CSAT) and recommendation (NPS).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::share::Share;
use crate::document::{choice, document};
use crate::error::{Error, ErrorCode, Mistake};

choice! {
    /// What a survey asks.
    pub enum SurveyKind {
        /// How satisfied the customer is, 1 to 5.
        Satisfaction = "csat",
        /// How likely the customer is to recommend us, 0 to 10.
        Recommendation = "nps",
    }
}

document! {
    /// A survey that was sent, and its score if it was answered.
    pub struct Survey {
        /// What it asks.
        pub kind: SurveyKind = SurveyKind::Satisfaction,
        /// The score; absent if it was not answered.
        pub score: Option<u8>,
        /// When it was sent. This decides in which period it counts, so that the share of answers
        /// is of the surveys of one period.
        pub sent_at: Timestamp,
        /// The team that it is about.
        pub team: Option<String>,
        /// The number of the ticket that it is about.
        pub ticket: Option<String>,
    }
}

document! {
    /// How often each score was given. Tallies of several periods or desks add up.
    pub struct ScoreTally {
        /// How often the satisfaction was 1, 2, 3, 4 and 5.
        pub csat: Vec<u64> = vec![0; 5],
        /// How many satisfaction surveys were sent.
        pub csat_sent: u64 = 0,
        /// How often the recommendation was 0, 1 and so on to 10.
        pub nps: Vec<u64> = vec![0; 11],
        /// How many recommendation surveys were sent.
        pub nps_sent: u64 = 0,
    }
}

document! {
    /// Asks for the scores of a period.
    pub struct ScoresQuery {
        /// The first instant of the period; without a beginning if left out.
        pub from: Option<Timestamp>,
        /// The surveys.
        pub surveys: Vec<Survey>,
        /// Tallies that were made before, to be added to the whole.
        pub tallies: Vec<ScoreTally> = Vec::new(),
        /// The first instant after the period; without an end if left out.
        pub to: Option<Timestamp>,
    }
}

document! {
    /// The scores of a period.
    pub struct ScoresAnswer {
        /// Each team, by its name; surveys without a team come first.
        pub teams: Vec<TeamScores>,
        /// All together, with the tallies that were given.
        pub whole: Scores,
    }
}

document! {
    /// The scores of a team.
    pub struct TeamScores {
        /// Its scores.
        pub scores: Scores,
        /// The team; absent for surveys without one.
        pub team: Option<String>,
    }
}

document! {
    /// Scores and the tally that they are made of.
    pub struct Scores {
        /// The satisfaction.
        pub csat: SatisfactionScore,
        /// The recommendation.
        pub nps: RecommendationScore,
        /// How often each score was given.
        pub tally: ScoreTally,
    }
}

document! {
    /// The satisfaction score.
    pub struct SatisfactionScore {
        /// How many answered, of how many that were asked.
        pub answered: Share,
        /// How many gave 4 or 5, of how many that answered.
        pub satisfied: Share,
        /// The sum of the scores: divided by the number of answers it is the mean.
        pub sum: u64,
    }
}

document! {
    /// The recommendation score.
    pub struct RecommendationScore {
        /// How many answered, of how many that were asked.
        pub answered: Share,
        /// How many gave 0 to 6.
        pub detractors: u64,
        /// How many gave 7 or 8.
        pub passives: u64,
        /// How many gave 9 or 10.
        pub promoters: u64,
        /// The percentage of promoters less that of detractors, −100 to 100, rounded to the nearest
        /// whole number and halves away from zero; absent without answers.
        pub value: Option<i64>,
    }
}

/// Counts the surveys of a period, by team and together.
///
/// # Errors
/// Scores that are not on their scale, and tallies with another number of scores.
pub fn answer_scores(query: &ScoresQuery) -> Result<ScoresAnswer, Error> {
    let mut mistakes = Vec::new();
    let mut teams: BTreeMap<Option<&str>, ScoreTally> = BTreeMap::new();
    let mut whole = ScoreTally::default();
    for (index, survey) in query.surveys.iter().enumerate() {
        let begun = query.from.is_none_or(|from| from <= survey.sent_at);
        if !begun || query.to.is_some_and(|to| to <= survey.sent_at) {
            continue;
        }
        let tally = teams.entry(survey.team.as_deref()).or_default();
        if tally.count(survey).and_then(|()| whole.count(survey)).is_none() {
            let message = "satisfaction is 1 to 5 and recommendation 0 to 10";
            let path = format!("/surveys/{index}/score");
            mistakes.push(Mistake::new(ErrorCode::DocumentRange, path, message));
        }
    }
    for (index, tally) in query.tallies.iter().enumerate() {
        if whole.merge(tally).is_none() {
            let message = "a tally counts 5 scores of satisfaction and 11 of recommendation";
            let path = format!("/tallies/{index}");
            mistakes.push(Mistake::new(ErrorCode::DocumentRange, path, message));
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes.into());
    }
    let team = |(team, tally): (Option<&str>, ScoreTally)| TeamScores {
        scores: tally.scores(),
        team: team.map(str::to_owned),
    };
    Ok(ScoresAnswer { teams: teams.into_iter().map(team).collect(), whole: whole.scores() })
}

impl ScoreTally {
    /// Counts a survey; `None` if its score is not on the scale, and then nothing is counted.
    pub fn count(&mut self, survey: &Survey) -> Option<()> {
        let (counts, sent, lowest) = match survey.kind {
            SurveyKind::Satisfaction => (&mut self.csat, &mut self.csat_sent, 1),
            SurveyKind::Recommendation => (&mut self.nps, &mut self.nps_sent, 0),
        };
        if let Some(score) = survey.score {
            let place = usize::from(score.checked_sub(lowest)?);
            let counter = counts.get_mut(place)?;
            *counter = counter.saturating_add(1);
        }
        *sent = sent.saturating_add(1);
        Some(())
    }

    /// Adds another tally; `None` if it has another number of scores, and then nothing is added.
    pub fn merge(&mut self, other: &ScoreTally) -> Option<()> {
        let same = self.csat.len() == other.csat.len() && self.nps.len() == other.nps.len();
        if !same {
            return None;
        }
        let csat = self.csat.iter_mut().zip(&other.csat);
        for (own, more) in csat.chain(self.nps.iter_mut().zip(&other.nps)) {
            *own = own.saturating_add(*more);
        }
        self.csat_sent = self.csat_sent.saturating_add(other.csat_sent);
        self.nps_sent = self.nps_sent.saturating_add(other.nps_sent);
        Some(())
    }

    /// The scores that the tally comes to.
    #[must_use]
    pub fn scores(&self) -> Scores {
        Scores { csat: self.satisfaction(), nps: self.recommendation(), tally: self.clone() }
    }

    fn satisfaction(&self) -> SatisfactionScore {
        let total = sum(self.csat.iter());
        let weighed = (1_u64..).zip(&self.csat).map(|(score, count)| score.saturating_mul(*count));
        SatisfactionScore {
            answered: Share::new(total, self.csat_sent),
            satisfied: Share::new(sum(self.csat.iter().skip(3)), total),
            sum: weighed.fold(0, u64::saturating_add),
        }
    }

    fn recommendation(&self) -> RecommendationScore {
        let total = sum(self.nps.iter());
        let detractors = sum(self.nps.iter().take(7));
        let promoters = sum(self.nps.iter().skip(9));
        RecommendationScore {
            answered: Share::new(total, self.nps_sent),
            detractors,
            passives: sum(self.nps.iter().skip(7).take(2)),
            promoters,
            value: net(promoters, detractors, total),
        }
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.fold(0, |sum, count| sum.saturating_add(*count))
}

/// The difference in percent, rounded to the nearest and halves away from zero.
fn net(promoters: u64, detractors: u64, total: u64) -> Option<i64> {
    let difference = i128::from(promoters) - i128::from(detractors);
    let total = i128::from(total);
    let doubled = difference.abs() * 200 + total;
    let size = doubled.checked_div(total * 2)?;
    i64::try_from(size * difference.signum()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn survey(kind: SurveyKind, score: Option<u8>, team: &str, day: u8) -> Survey {
        Survey {
            kind,
            score,
            sent_at: format!("2026-02-{day:02}T12:00:00Z").parse().unwrap(),
            team: Some(team.into()),
            ticket: None,
        }
    }

    #[test]
    fn satisfaction_is_the_share_of_fours_and_fives() {
        use SurveyKind::Satisfaction;
        let scores = [Some(5), Some(4), Some(3), None, Some(1), Some(5), Some(5), None];
        let surveys = scores.map(|score| survey(Satisfaction, score, "first", 3)).to_vec();
        let query = ScoresQuery { surveys, ..ScoresQuery::default() };
        let csat = answer_scores(&query).unwrap().whole.csat;
        // 4 of the 6 that answered, 6 of 8 answered, 5 + 4 + 3 + 1 + 5 + 5 = 23.
        assert_eq!(csat.satisfied, Share::new(4, 6));
        assert_eq!(csat.satisfied.percent.as_deref(), Some("66.666"));
        assert_eq!(csat.answered.percent.as_deref(), Some("75.000"));
        assert_eq!(csat.sum, 23);
    }

    #[test]
    fn recommendation_is_promoters_less_detractors_with_halves_away_from_zero() {
        for (promoters, detractors, total, value) in [
            (5, 2, 10, Some(30)),
            (1, 0, 3, Some(33)),
            (2, 0, 3, Some(67)),
            (1, 0, 8, Some(13)),
            (0, 1, 8, Some(-13)),
            (0, 1, 3, Some(-33)),
            (0, 4, 4, Some(-100)),
            (4, 4, 8, Some(0)),
            (0, 0, 0, None),
        ] {
            assert_eq!(net(promoters, detractors, total), value);
        }
    }

    #[test]
    fn sixes_detract_sevens_and_eights_are_passive_and_nines_promote() {
        use SurveyKind::Recommendation;
        let scores = [0, 6, 7, 8, 9, 10];
        let surveys = scores.map(|score| survey(Recommendation, Some(score), "cs", 3)).to_vec();
        let nps =
            answer_scores(&ScoresQuery { surveys, ..ScoresQuery::default() }).unwrap().whole.nps;
        assert_eq!((nps.detractors, nps.passives, nps.promoters, nps.value), (2, 2, 2, Some(0)));
    }

    #[test]
    fn teams_and_periods_are_counted_apart() {
        use SurveyKind::Satisfaction;
        let instant = |text: &str| Some(text.parse().unwrap());
        let query = ScoresQuery {
            from: instant("2026-02-02T12:00:00Z"),
            surveys: vec![
                survey(Satisfaction, Some(1), "first", 1),
                survey(Satisfaction, Some(5), "second", 2),
                survey(Satisfaction, Some(4), "first", 3),
                survey(Satisfaction, Some(1), "first", 4),
            ],
            to: instant("2026-02-04T12:00:00Z"),
            ..ScoresQuery::default()
        };
        let answer = answer_scores(&query).unwrap();
        let found: Vec<_> = answer
            .teams
            .iter()
            .map(|it| (it.team.as_deref().unwrap(), it.scores.tally.csat.clone()))
            .collect();
        assert_eq!(found, [("first", vec![0, 0, 0, 1, 0]), ("second", vec![0, 0, 0, 0, 1])]);
        assert_eq!(answer.whole.tally.csat_sent, 2);
    }

    #[test]
    fn a_score_off_the_scale_and_a_tally_of_another_scale_are_refused() {
        use SurveyKind::{Recommendation, Satisfaction};
        let query = ScoresQuery {
            surveys: vec![
                survey(Satisfaction, Some(0), "a", 1),
                survey(Satisfaction, Some(6), "a", 1),
                survey(Recommendation, Some(11), "a", 1),
            ],
            tallies: vec![ScoreTally { csat: vec![1], ..ScoreTally::default() }],
            ..ScoresQuery::default()
        };
        let error = answer_scores(&query).unwrap_err();
        let found: Vec<_> = error.mistakes().iter().map(|it| it.path.as_str()).collect();
        assert_eq!(
            found,
            ["/surveys/0/score", "/surveys/1/score", "/surveys/2/score", "/tallies/0"]
        );
    }

    proptest! {
        #[test]
        fn tallies_of_parts_add_up_to_that_of_the_whole(
            scores in proptest::collection::vec((any::<bool>(), proptest::option::of(1u8..=5)), 0..40),
            cut in 0usize..40,
        ) {
            let all: Vec<_> = scores.iter().map(|(satisfaction, score)| {
                let kinds = [SurveyKind::Recommendation, SurveyKind::Satisfaction];
                survey(kinds[usize::from(*satisfaction)], *score, "a", 1)
            }).collect();
            let cut = cut.min(all.len());
            let tally = |surveys: &[Survey], tallies: Vec<ScoreTally>| {
                let query =
                    ScoresQuery { surveys: surveys.to_vec(), tallies, ..ScoresQuery::default() };
                answer_scores(&query).unwrap().whole
            };
            let first = tally(&all[..cut], Vec::new()).tally;
            prop_assert_eq!(tally(&all[cut..], vec![first]), tally(&all, Vec::new()));
        }
    }
}
