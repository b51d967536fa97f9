//! What people read of a verdict: the cashier, the guest, and whoever looks into it.

use super::catalogue;
use super::document::WatchAction;
use super::verdict::{FROZEN, Verdict};
use crate::order::Challenge;
use crate::texts::Language;

/// For whom a verdict is put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What to do at the till: neutral words, and never why.
    Cashier,
    /// What happened to the points, and how they come free.
    Guest,
    /// Every check with what it read.
    Analyst,
}

/// A verdict in words: one sentence for the cashier and the guest, empty if nothing is to be said;
/// for the analyst a line for the whole and one for each check. Instants are told by the clock of
/// `zone`, an IANA name.
///
/// # Examples
/// ```
/// use kopilka::texts::Language;
/// use kopilka::watch::texts::{View, verdict};
/// use kopilka::watch::{Verdict, WatchAction};
///
/// let denied = Verdict {
///     action: WatchAction::Deny, spending: WatchAction::Deny, ..Verdict::default()
/// };
/// let text = verdict(&denied, View::Cashier, "UTC", Language::English);
/// assert_eq!(text, "Points cannot be spent now. The sale can go on without them.");
/// ```
#[must_use]
pub fn verdict(verdict: &Verdict, view: View, zone: &str, language: Language) -> String {
    match view {
        View::Cashier => cashier(verdict, language),
        View::Guest => guest(verdict, zone, language),
        View::Analyst => analyst(verdict, language),
    }
}

fn cashier(verdict: &Verdict, language: Language) -> String {
    let pick = |russian: &'static str, english: &'static str| language.pick(russian, english);
    let text = match (verdict.spending, verdict.earning) {
        (WatchAction::StepUp, _) if !verdict.met => match verdict.challenge {
            Challenge::Pin => {
                pick("Попросите гостя ввести PIN-код карты.", "Ask the guest for the card's PIN.")
            }
            Challenge::Code => pick(
                "Попросите гостя назвать код из сообщения.",
                "Ask the guest for the code from the message.",
            ),
            Challenge::Online => pick(
                "Для списания нужна связь с сервером.",
                "Points can be spent once the server can be reached.",
            ),
            Challenge::Manager | Challenge::None => pick(
                "Для списания баллов нужен администратор.",
                "A manager must confirm before points are spent.",
            ),
        },
        (WatchAction::Deny, _) => pick(
            "Сейчас баллы списать нельзя. Продажу можно завершить без них.",
            "Points cannot be spent now. The sale can go on without them.",
        ),
        (_, WatchAction::Hold) => pick(
            "Баллы за этот чек станут доступны позже.",
            "The points of this receipt can be used later.",
        ),
        (_, WatchAction::Deny) => {
            pick("За этот чек баллы не начисляются.", "This receipt earns no points.")
        }
        _ => "",
    };
    text.to_owned()
}

fn guest(verdict: &Verdict, zone: &str, language: Language) -> String {
    let pick = |russian: &'static str, english: &'static str| language.pick(russian, english);
    let spending = match verdict.spending {
        WatchAction::StepUp if !verdict.met => pick(
            "Чтобы списать баллы, подтвердите, что карта ваша.",
            "To spend points, show that the card is yours.",
        ),
        WatchAction::Deny => pick(
            "Ваши баллы сохранены. Чтобы списать их, обратитесь к администратору или в поддержку.",
            "Your points are safe. To spend them, ask the manager or support.",
        ),
        _ => "",
    };
    let earning = match (verdict.earning, verdict.held_until) {
        (WatchAction::Hold, Some(until)) => {
            let day = crate::texts::date_time(until, zone, language);
            match language {
                Language::Russian => format!("Баллы за покупку станут доступны {day}."),
                Language::English => format!("The points of this purchase can be used from {day}."),
            }
        }
        (WatchAction::Deny, _) => pick(
            "За эту покупку баллы не начислены. Вопросы можно задать в поддержке.",
            "This purchase earned no points. Support can answer questions.",
        )
        .to_owned(),
        _ => String::new(),
    };
    let parts = [spending.to_owned(), earning];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn analyst(verdict: &Verdict, language: Language) -> String {
    let words = |russian: &'static str, english: &'static str| language.pick(russian, english);
    let mut lines = vec![format!(
        "{}: {} ({} {}, {} {}; {} {}/{}/{})",
        words("решение", "verdict"),
        verdict.action.as_str(),
        words("списание", "spending"),
        verdict.spending.as_str(),
        words("начисление", "earning"),
        verdict.earning.as_str(),
        words("баллы проверок", "score"),
        verdict.score.spending,
        verdict.score.earning,
        verdict.score.afterwards,
    )];
    let marked = |list: &'static str| move |fired| (list, fired);
    let counted = verdict.fired.iter().map(marked(""));
    let shadow = verdict.shadow.iter().map(marked(words(" (в тени)", " (shadow)")));
    for (mark, fired) in counted.chain(shadow) {
        let read = fired.read.iter().map(|one| {
            let value = one.value.map_or_else(|| "?".to_owned(), |value| value.to_string());
            format!("{} {} {} {}", one.reading, value, sign(&one.test), one.threshold)
        });
        let name = name(&fired.check, language);
        let mut line =
            format!("{}{mark} {name}: {}", fired.check, read.collect::<Vec<_>>().join(", "));
        let instead = fired.instead.iter().map(|one| format!("{} = {}", one.reading, one.value));
        let instead: Vec<String> = instead.collect();
        if !instead.is_empty() {
            line.push_str(words("; не сработала бы при ", "; it would not have fired at "));
            line.push_str(&instead.join(", "));
        }
        lines.push(line);
    }
    for errored in &verdict.errored {
        let lacks = errored.lacks.join(", ");
        let text = words("не проверено, нет данных", "not evaluated, data lacking");
        lines.push(format!(
            "{} {}: {text}: {lacks}",
            errored.check,
            name(&errored.check, language)
        ));
    }
    lines.join("\n")
}

fn sign(test: &str) -> &'static str {
    match test {
        "over" => ">",
        "at_least" => "≥",
        _ => "<",
    }
}

/// What a check of the catalogue looks for; an own check has no words but its id.
#[must_use]
pub fn name(check: &str, language: Language) -> &'static str {
    if check == FROZEN {
        return language.pick("заморожено вручную", "frozen by hand");
    }
    let entry = catalogue::entry(check);
    entry.map_or("", |entry| language.pick(entry.name.1, entry.name.0))
}
