//! A till with a cashier at it: sends requests to the engine, and prints what comes back.

use std::error::Error;

use jiff::Timestamp;
use kopilka::texts::{self, MoneySign, SlipOptions, Style};
use kopilka::{
    Answer, CardView, Command, Order, Program, Quote, RecordId, RefundAnswer, Request, SaleAnswer,
};

use crate::journal::Journal;
use crate::page::Page;

/// What goes wrong in the built-in day is a mistake in it, and ends it.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// How wide the slips are.
const SLIP_WIDTH: u8 = 44;

/// A till: a ledger, the programme in force, and somewhere to print.
pub struct Till<'p, 'a> {
    pub journal: &'p Journal,
    pub program: Program,
    pub page: &'p mut Page<'a>,
    now: Timestamp,
    store: String,
    asked: u32,
}

impl<'p, 'a> Till<'p, 'a> {
    pub fn new(journal: &'p Journal, program: Program, page: &'p mut Page<'a>) -> Till<'p, 'a> {
        Till { journal, program, page, now: Timestamp::default(), store: String::new(), asked: 0 }
    }

    /// Time goes on: what follows happens at another moment, in a store.
    pub fn scene(&mut self, at: &str, store: &str, title: (&str, &str)) -> Outcome<()> {
        self.now = at.parse()?;
        self.store = store.to_owned();
        let language = self.page.language;
        let document = self.program.document();
        let moment = texts::date_time(self.now, &document.zone, language.engine());
        let time = moment.rsplit(' ').next().unwrap_or_default();
        let name =
            document.stores.iter().find(|one| one.id == store).and_then(|one| one.name.as_deref());
        let name = language.pick(name, None).map_or_else(|| capitalised(store), str::to_owned);
        let heading = format!("{time}  {name}. {}", language.pick(title.0, title.1));
        Ok(self.page.heading(&heading)?)
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn store(&self) -> Option<String> {
        Some(self.store.clone())
    }

    /// Says something in the language of the page.
    pub fn say(&mut self, russian: &str, english: &str) -> Outcome<()> {
        let text = self.page.language.pick(russian, english);
        Ok(self.page.text(2, text)?)
    }

    /// Sends a command under a key; without one it changes nothing.
    pub fn ask(&mut self, key: &str, command: Command) -> Result<Answer, kopilka::Error> {
        let mut request = Request::new(self.now, command);
        request.key = (!key.is_empty()).then(|| key.to_owned());
        self.asked += 1;
        request.correlation = Some(format!("{}-{:03}", self.store, self.asked));
        self.journal.ledger.call(&request)
    }

    /// The sale that was recorded under a key before the till was cut off, if it was. Neither it nor
    /// what led to it is asked again: so many calls are passed over.
    pub fn done(&mut self, key: &str, calls: u32) -> Outcome<Option<SaleAnswer>> {
        match self.journal.answered(key)? {
            None => Ok(None),
            Some(Answer::Sale(sale)) => {
                self.asked += calls;
                Ok(Some(*sale))
            }
            Some(other) => Err(unexpected(&other)),
        }
    }

    /// Sends a command that is answered with a sale.
    pub fn sale(&mut self, key: &str, command: Command) -> Outcome<SaleAnswer> {
        match self.ask(key, command)? {
            Answer::Sale(sale) => Ok(*sale),
            other => Err(unexpected(&other)),
        }
    }

    pub fn refund(&mut self, key: &str, command: Command) -> Outcome<RefundAnswer> {
        match self.ask(key, command)? {
            Answer::Refund(refund) => Ok(*refund),
            other => Err(unexpected(&other)),
        }
    }

    pub fn quote(&mut self, command: Command) -> Outcome<Quote> {
        match self.ask("", command)? {
            Answer::Quote(quote) => Ok(*quote),
            other => Err(unexpected(&other)),
        }
    }

    pub fn card(&mut self, key: &str, command: Command) -> Outcome<CardView> {
        match self.ask(key, command)? {
            Answer::Card(answer) => Ok(answer.card),
            other => Err(unexpected(&other)),
        }
    }

    /// Sends a command that must be refused, and shows what the cashier reads then.
    pub fn refused(&mut self, key: &str, command: Command) -> Outcome<()> {
        let Err(error) = self.ask(key, command) else {
            return Err("a call was answered that should have been refused".into());
        };
        let language = self.page.language;
        let text = texts::error(error.code(), language.engine());
        let support = texts::support_line(&error, Some(&self.store), None, language.engine());
        let (screen, call) =
            language.pick(("На экране", "Для поддержки"), ("On the screen", "For support"));
        self.page.text(2, &format!("{screen}: {text}"))?;
        Ok(self.page.text(2, &format!("{call}: {support}"))?)
    }

    /// Prints the slip of a sale.
    pub fn print(&mut self, sale: &SaleAnswer, order: &Order) -> Outcome<()> {
        let slip = texts::slip(sale, order, &self.program, &self.paper());
        self.print_slip(&slip, &sale.record)
    }

    /// Prints the slip of a refund.
    pub fn print_refund(&mut self, refund: &RefundAnswer, order: &Order) -> Outcome<()> {
        let slip = texts::refund_slip(refund, order, &self.program, &self.paper());
        self.print_slip(&slip, &refund.record)
    }

    fn paper(&self) -> SlipOptions {
        let language = self.page.language.engine();
        SlipOptions { language, width: SLIP_WIDTH, ..SlipOptions::default() }
    }

    fn print_slip(&mut self, slip: &str, record: &str) -> Outcome<()> {
        let width = usize::from(SLIP_WIDTH);
        let edge = "─".repeat(width + 2);
        self.page.line(format!("      ┌{edge}┐"))?;
        for line in slip.lines() {
            self.page.line(format!("      │ {line:<width$} │"))?;
        }
        self.page.line(format!("      └{edge}┘"))?;
        let id = RecordId::parse(record).ok_or("an answer names no record")?;
        let code = self.journal.ledger.check_code(&id)?;
        let (name, check) =
            self.page.language.pick(("запись", "контрольный код"), ("record", "check code"));
        Ok(self.page.line(format!("        {name} {record}, {check} {code}"))?)
    }

    /// Tells how every number of a record came about.
    pub fn explain(&mut self, record: &str) -> Outcome<()> {
        explain(self.journal, &self.program, self.page, record)
    }

    /// How sums of money and points name their units.
    pub fn style(&self) -> Style {
        Style::of(&self.program, MoneySign::Symbol)
    }
}

/// Prints how every number of a record came about, from the record alone.
pub fn explain(
    journal: &Journal,
    program: &Program,
    page: &mut Page<'_>,
    record: &str,
) -> Outcome<()> {
    let command = Command::Explain(kopilka::Explain { record: record.to_owned() });
    let explanation = match journal.ledger.call(&Request::new(Timestamp::default(), command))? {
        Answer::Explanation(explanation) => explanation,
        other => return Err(unexpected(&other)),
    };
    let language = page.language.engine();
    let lines = texts::explain(&explanation, program, language, MoneySign::Symbol);
    let zone = &program.document().zone;
    let at = texts::date_time(explanation.at, zone, language);
    page.line(format!("  {}  {at}  {}", explanation.record, explanation.verb))?;
    for line in lines {
        page.item(&line)?;
    }
    Ok(())
}

/// Store ids are plain Latin words.
fn capitalised(id: &str) -> String {
    let mut letters = id.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn unexpected(answer: &Answer) -> Box<dyn Error> {
    format!("the engine answered with `{}`, which nobody asked for", answer.name()).into()
}
