//! Stages of customer success, by the day since the customer began.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::local::{checked, date_of, day_number, day_of, in_years, unknown};
use super::scores::{ScoreTally, Survey, SurveyKind};
use super::share::Share;
use crate::document::{Collector, choice, document};
use crate::error::{Error, ErrorCode};
use crate::program::Localized;

choice! {
    /// How the values of a stage's metric come together.
    pub enum StageMetricKind {
        /// The share of customers whose value is not 0.
        Share = "share",
        /// The sum of the values.
        Sum = "sum",
        /// The mean, as a sum and a number of values.
        Mean = "mean",
        /// The recommendation score of values from 0 to 10.
        Recommendation = "nps",
    }
}

document! {
    /// Something that is measured in a stage.
    pub struct StageMetric {
        /// Its id.
        pub id: String,
        /// How values come together.
        pub kind: StageMetricKind = StageMetricKind::Sum,
        /// What it is called.
        pub name: Localized,
    }
}

document! {
    /// A stage of customer success.
    pub struct CustomerStage {
        /// What the stage produces: checklists, letters, plans.
        pub artefacts: Vec<Localized> = Vec::new(),
        /// Its first day; the day on which the customer began is day 0.
        pub first_day: u32,
        /// Its id.
        pub id: String,
        /// Its last day, which belongs to it; without an end if left out.
        pub last_day: Option<u32>,
        /// What is measured.
        pub metrics: Vec<StageMetric> = Vec::new(),
        /// What it is called.
        pub name: Localized,
        /// Who is responsible.
        pub responsible: Option<Localized>,
    }
}

document! {
    /// A customer and what was measured.
    pub struct StageCustomer {
        /// The customer's id.
        pub id: String,
        /// The local date on which the customer began.
        pub since: String,
        /// What was measured, each metric once.
        pub values: Vec<StageValue> = Vec::new(),
    }
}

document! {
    /// A measured value.
    pub struct StageValue {
        /// The metric's id.
        pub metric: String,
        /// The value: a count, a sum in the smallest unit, seconds, a score.
        pub value: i64,
    }
}

document! {
    /// Asks in which stage customers are.
    pub struct StagesQuery {
        /// At which instant; its local date counts.
        pub at: Timestamp,
        /// The customers.
        pub customers: Vec<StageCustomer>,
        /// The stages, one after the other without gaps; those of the desk if left out.
        pub stages: Vec<CustomerStage> = Vec::new(),
        /// The time zone of the desk: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// In which stage customers are, and what the stages' metrics come to.
    pub struct StagesAnswer {
        /// Each customer, in the order of the query.
        pub customers: Vec<CustomerInStage>,
        /// Each stage.
        pub stages: Vec<StageTotal>,
    }
}

document! {
    /// In which stage a customer is.
    pub struct CustomerInStage {
        /// The customer's id.
        pub customer: String,
        /// The day since the customer began, which was day 0; negative before that.
        pub day: i64,
        /// The local date on which the next stage begins; absent if there is none.
        pub next_on: Option<String>,
        /// The next stage; absent if there is none.
        pub next_stage: Option<String>,
        /// The stage; absent before the first and after the last.
        pub stage: Option<String>,
    }
}

document! {
    /// What a stage comes to.
    pub struct StageTotal {
        /// How many customers are in it.
        pub customers: u64,
        /// Its metrics over these customers.
        pub metrics: Vec<StageMetricTotal>,
        /// The stage.
        pub stage: String,
    }
}

document! {
    /// What a metric comes to.
    pub struct StageMetricTotal {
        /// How many customers have a value.
        pub count: u64,
        /// The metric.
        pub metric: String,
        /// The recommendation score, if it is one and there are values.
        pub nps: Option<i64>,
        /// The share of all the stage's customers, if it is a share.
        pub share: Option<Share>,
        /// The sum of the values, if it is a sum or a mean.
        pub sum: Option<i64>,
    }
}

/// In which stage customers are at an instant, and what the stages' metrics come to.
///
/// # Errors
/// Everything that is wrong with stages and customers, and sums beyond what JSON holds exactly.
pub fn answer_stages(query: &StagesQuery) -> Result<StagesAnswer, Error> {
    let (zone, since) = checked(|collector| check_query(query, collector))?;
    in_years(query.at, "/at")?;
    let today = day_of(query.at, &zone);
    let mut answer = StagesAnswer::default();
    let mut members: Vec<Vec<&StageCustomer>> = vec![Vec::new(); query.stages.len()];
    for (customer, since) in query.customers.iter().zip(since) {
        let day = today - since;
        let place = stage_on(&query.stages, day);
        if let Some(list) = place.and_then(|place| members.get_mut(place)) {
            list.push(customer);
        }
        let next = query.stages.get(begun(&query.stages, day));
        let next_on = next.and_then(|next| date_of(since + i64::from(next.first_day)));
        answer.customers.push(CustomerInStage {
            customer: customer.id.clone(),
            day,
            next_on: next_on.map(|date| date.to_string()),
            next_stage: next.map(|next| next.id.clone()),
            stage: place.and_then(|place| query.stages.get(place)).map(|stage| stage.id.clone()),
        });
    }
    for (index, (stage, members)) in query.stages.iter().zip(members).enumerate() {
        answer.stages.push(stage.total(&members, &format!("/stages/{index}"))?);
    }
    Ok(answer)
}

/// The place of the stage that a day belongs to, both ends inside. The stages are in order.
pub(crate) fn stage_on(stages: &[CustomerStage], day: i64) -> Option<usize> {
    let place = begun(stages, day).checked_sub(1)?;
    let last = stages.get(place)?.last_day.map_or(i64::MAX, i64::from);
    Some(place).filter(|_| day <= last)
}

/// How many stages have begun by a day.
fn begun(stages: &[CustomerStage], day: i64) -> usize {
    stages.partition_point(|stage| i64::from(stage.first_day) <= day)
}

/// Checks that stages follow one another without gaps.
pub(crate) fn check_stages(list: &[CustomerStage], collector: &mut Collector, path: &str) {
    collector.unique(list.iter().map(|stage| &stage.id), path);
    let mut expected = Some(0_u32);
    for (index, stage) in list.iter().enumerate() {
        let path = format!("{path}/{index}");
        match expected {
            None => collector.contradiction(&path, "the stage before has no end"),
            Some(day) if day != stage.first_day => {
                let message = format!("it must begin on day {day}, after the one before");
                collector.contradiction(&format!("{path}/first_day"), message);
            }
            Some(_) => {}
        }
        if stage.last_day.is_some_and(|last| last < stage.first_day) {
            collector.contradiction(&format!("{path}/last_day"), "it ends before it begins");
        }
        expected = stage.last_day.map(|last| last.saturating_add(1));
        let metrics = stage.metrics.iter().map(|metric| &metric.id);
        collector.unique(metrics, &format!("{path}/metrics"));
    }
}

fn check_query(query: &StagesQuery, collector: &mut Collector) -> (TimeZone, Vec<i64>) {
    let zone = collector.zone(&query.zone, "/zone");
    check_stages(&query.stages, collector, "/stages");
    let kinds: BTreeMap<&str, StageMetricKind> = query
        .stages
        .iter()
        .flat_map(|stage| &stage.metrics)
        .map(|metric| (metric.id.as_str(), metric.kind))
        .collect();
    let known: Vec<&str> = kinds.keys().copied().collect();
    let mut since = Vec::new();
    for (index, customer) in query.customers.iter().enumerate() {
        let path = format!("/customers/{index}");
        let date = collector.date(Some(&customer.since), &format!("{path}/since"));
        since.push(date.map_or(0, day_number));
        let mut seen = std::collections::BTreeSet::new();
        for (place, value) in customer.values.iter().enumerate() {
            let path = format!("{path}/values/{place}");
            match kinds.get(value.metric.as_str()) {
                None => {
                    unknown(collector, &value.metric, &known, "metric", &format!("{path}/metric"));
                }
                Some(StageMetricKind::Recommendation) if !(0..=10).contains(&value.value) => {
                    let message = "a recommendation is 0 to 10";
                    collector.mistake(ErrorCode::DocumentRange, &format!("{path}/value"), message);
                }
                Some(_) => {}
            }
            if !seen.insert(&value.metric) {
                let message = format!("the metric `{}` has two values", value.metric);
                collector.mistake(ErrorCode::DeskDuplicate, &format!("{path}/metric"), message);
            }
        }
    }
    (zone, since)
}

impl CustomerStage {
    fn total(&self, members: &[&StageCustomer], path: &str) -> Result<StageTotal, Error> {
        let mut values: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for value in members.iter().flat_map(|member| &member.values) {
            values.entry(&value.metric).or_default().push(value.value);
        }
        let customers = members.len() as u64;
        let mut metrics = Vec::new();
        for (index, metric) in self.metrics.iter().enumerate() {
            let values = values.get(metric.id.as_str()).map_or(&[][..], Vec::as_slice);
            let total = metric.total(values, customers).ok_or_else(|| {
                let message = "the sum of the values is too large";
                Error::new(ErrorCode::DocumentRange, format!("{path}/metrics/{index}"), message)
            })?;
            metrics.push(total);
        }
        Ok(StageTotal { customers, metrics, stage: self.id.clone() })
    }
}

impl StageMetric {
    fn total(&self, values: &[i64], customers: u64) -> Option<StageMetricTotal> {
        let mut total = StageMetricTotal {
            count: values.len() as u64,
            metric: self.id.clone(),
            ..StageMetricTotal::default()
        };
        match self.kind {
            StageMetricKind::Share => {
                let count = values.iter().filter(|value| **value != 0).count() as u64;
                total.share = Some(Share::new(count, customers));
            }
            StageMetricKind::Sum | StageMetricKind::Mean => {
                let sum: i128 = values.iter().copied().map(i128::from).sum();
                let exact = i64::try_from(sum).ok();
                total.sum = Some(exact.filter(|sum| sum.unsigned_abs() < 1 << 53)?);
            }
            StageMetricKind::Recommendation => {
                let mut tally = ScoreTally::default();
                for value in values {
                    tally.count(&Survey {
                        kind: SurveyKind::Recommendation,
                        score: Some(u8::try_from(*value).ok()?),
                        ..Survey::default()
                    })?;
                }
                total.nps = tally.scores().nps.value;
            }
        }
        Some(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(id: &str, first_day: u32, last_day: Option<u32>) -> CustomerStage {
        CustomerStage { first_day, id: id.into(), last_day, ..CustomerStage::default() }
    }

    fn metric(id: &str, kind: StageMetricKind) -> StageMetric {
        StageMetric { id: id.into(), kind, name: Localized::default() }
    }

    fn query(at: &str, since: &[&str]) -> StagesQuery {
        let customer = |(index, since): (usize, &&str)| StageCustomer {
            id: format!("c{index}"),
            since: (*since).into(),
            values: Vec::new(),
        };
        StagesQuery {
            at: at.parse().unwrap(),
            customers: since.iter().enumerate().map(customer).collect(),
            stages: vec![
                stage("onboarding", 0, Some(14)),
                stage("activation", 15, Some(30)),
                stage("growth", 31, None),
            ],
            zone: "Europe/Moscow".into(),
        }
    }

    #[test]
    fn both_ends_of_a_stage_belong_to_it() {
        for (date, day, stage, next_on) in [
            ("2026-02-01", 0, "onboarding", Some("2026-02-16")),
            ("2026-02-15", 14, "onboarding", Some("2026-02-16")),
            ("2026-02-16", 15, "activation", Some("2026-03-04")),
            ("2026-03-03", 30, "activation", Some("2026-03-04")),
            ("2026-03-04", 31, "growth", None),
        ] {
            let query = query(&format!("{date}T23:59:59+03:00"), &["2026-02-01"]);
            let found = answer_stages(&query).unwrap().customers.remove(0);
            assert_eq!((found.day, found.stage.as_deref()), (day, Some(stage)), "{date}");
            assert_eq!(found.next_on.as_deref(), next_on, "{date}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_desks_zone() {
        // 22:00 on the 15th in UTC is 01:00 on the 16th in Moscow.
        let query = query("2026-02-15T22:00:00Z", &["2026-02-01"]);
        assert_eq!(
            answer_stages(&query).unwrap().customers[0].stage.as_deref(),
            Some("activation")
        );
    }

    #[test]
    fn before_the_start_there_is_no_stage_but_a_next_one() {
        let query = query("2026-01-31T12:00:00+03:00", &["2026-02-01"]);
        let found = answer_stages(&query).unwrap().customers.remove(0);
        assert_eq!((found.day, found.stage), (-1, None));
        assert_eq!(found.next_on.as_deref(), Some("2026-02-01"));
    }

    #[test]
    fn metrics_come_together_as_their_kind_says() {
        use StageMetricKind::{Mean, Recommendation, Sum};
        let mut query = query("2026-02-10T12:00:00+03:00", &["2026-02-01"; 4]);
        query.stages[0].metrics = vec![
            metric("onboarded", StageMetricKind::Share),
            metric("first_agent", Mean),
            metric("expansion", Sum),
            metric("nps", Recommendation),
        ];
        let given: [&[(&str, i64)]; 4] = [
            &[("onboarded", 1), ("first_agent", 3_600), ("nps", 10)],
            &[("onboarded", 0), ("first_agent", 7_200), ("nps", 3)],
            &[("onboarded", 1), ("expansion", -500), ("nps", 9)],
            &[("expansion", 2_000)],
        ];
        for (customer, values) in query.customers.iter_mut().zip(given) {
            let value = |(metric, value): &(&str, i64)| StageValue {
                metric: (*metric).into(),
                value: *value,
            };
            customer.values = values.iter().map(value).collect();
        }
        let total = answer_stages(&query).unwrap().stages.remove(0);
        assert_eq!(total.customers, 4);
        assert_eq!(total.metrics[0].share, Some(Share::new(2, 4)));
        assert_eq!((total.metrics[1].count, total.metrics[1].sum), (2, Some(10_800)));
        assert_eq!((total.metrics[2].count, total.metrics[2].sum), (2, Some(1_500)));
        // (2 promoters − 1 detractor) of 3 are 33.3 %.
        assert_eq!((total.metrics[3].count, total.metrics[3].nps), (3, Some(33)));
    }

    #[test]
    fn stages_with_gaps_and_values_that_mean_nothing_are_refused() {
        let mut query = query("2026-02-10T12:00:00+03:00", &["2026-02-30"]);
        query.stages[1].first_day = 16;
        query.stages[1].last_day = None;
        query.stages[0].metrics = vec![metric("nps", StageMetricKind::Recommendation)];
        let value = |metric: &str, value| StageValue { metric: metric.into(), value };
        query.customers[0].values = vec![value("nps", 11), value("nsp", 1), value("nps", 1)];
        let error = answer_stages(&query).unwrap_err();
        let found: Vec<_> =
            error.mistakes().iter().map(|it| (it.path.as_str(), it.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/stages/1/first_day", "desk.contradiction"),
                ("/stages/2", "desk.contradiction"),
                ("/customers/0/since", "time.date"),
                ("/customers/0/values/0/value", "document.range"),
                ("/customers/0/values/1/metric", "desk.reference"),
                ("/customers/0/values/2/metric", "desk.duplicate"),
            ]
        );
    }
}
