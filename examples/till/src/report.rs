//! Prints what came of it all: counts, refusals, money, points, and the control sums.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use kopilka::Program;

use crate::control::{Control, PointsFlow, PointsReading, sides};
use crate::page::Page;
use crate::replay::{Refusal, Tally};

/// What became of the receipts of a file.
pub fn receipts(page: &mut Page<'_>, tally: &Tally) -> io::Result<()> {
    let language = page.language;
    page.heading(language.pick("Чеки", "Receipts"))?;
    let titles = language.pick(["чеков", "строк"], ["receipts", "lines"]);
    page.row("", &titles.map(str::to_owned))?;
    let counts = [
        (language.pick("продано", "sold"), tally.sold),
        (
            language.pick("возвращено без чека продажи", "refunded without their sale"),
            tally.refunded,
        ),
        (language.pick("отклонено", "refused"), tally.refused),
        (language.pick("всего", "all"), tally.all()),
    ];
    for (label, count) in counts {
        page.row(label, &[language.count(count.receipts), language.count(count.lines)])?;
    }
    refusals(page, language.pick("Отклонено, по причинам", "Refused, by reason"), &tally.refusals)?;
    let title = language.pick("Карты не выпущены, по причинам", "Cards not issued, by reason");
    refusals(page, title, &tally.cards_refused)?;
    page.heading(language.pick("Вызовы", "Calls"))?;
    for (verb, count) in &tally.verbs {
        page.row(verb, &[language.count(*count)])?;
    }
    let label = language.pick("повторов, из них с тем же ответом", "sent twice, answered alike");
    page.row(label, &[language.count(tally.repeated), language.count(tally.answered_alike)])
}

fn refusals(
    page: &mut Page<'_>,
    title: &str,
    table: &BTreeMap<&'static str, Refusal>,
) -> io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    let language = page.language;
    page.heading(title)?;
    for (code, refusal) in table {
        let count = refusal.count;
        page.row(code, &[language.count(count.receipts), language.count(count.lines)])?;
        let example = language.pick("например", "for example");
        page.text(4, &format!("{example} {}: {}", refusal.example, refusal.cause.text(language)))?;
    }
    Ok(())
}

/// The money, the points, and whether both sides agree.
pub fn control(page: &mut Page<'_>, control: &Control, program: &Program) -> io::Result<()> {
    money(page, control, program)?;
    let document = program.document();
    for (points, flow, reading) in control.points() {
        let kind = document.points.iter().find(|kind| kind.id == points);
        let name = kind.and_then(|kind| kind.name.as_ref());
        let money = points == document.currency;
        let cards = page.language.pick("деньги на картах", "money on cards");
        let own = if money { cards } else { points };
        let name = name.map_or(own, |name| page.language.pick(&name.ru, &name.en));
        moved(page, name, &flow, &reading)?;
    }
    sums(page, control, money_digits(program))
}

fn money(page: &mut Page<'_>, control: &Control, program: &Program) -> io::Result<()> {
    let language = page.language;
    let money = &control.flows.money;
    let currency = &program.document().currency;
    page.heading(&format!("{}, {currency}", language.pick("Деньги", "Money")))?;
    let rows = [
        (language.pick("строки чеков", "lines of receipts"), money.lines),
        (language.pick("скидки хоста", "discounts of the host"), -money.host),
        (language.pick("акции и подарки", "promotions and rewards"), -money.rules),
        (language.pick("скидки по картам", "discounts of cards"), -money.card),
        (language.pick("оплачено баллами", "points spent"), -money.points),
        (language.pick("к оплате", "due"), money.due),
        (language.pick("возвращено покупателям", "given back"), money.refunded),
    ];
    for (label, units) in rows {
        page.row(label, &[language.figure(units, money_digits(program))])?;
    }
    Ok(())
}

fn money_digits(program: &Program) -> u8 {
    let document = program.document();
    let own = document.currency_digits;
    own.or_else(|| kopilka::currency_digits(&document.currency)).unwrap_or(2)
}

fn moved(
    page: &mut Page<'_>,
    name: &str,
    flow: &PointsFlow,
    reading: &PointsReading,
) -> io::Result<()> {
    let language = page.language;
    let (title, by_records, by_balances) = language.pick(
        ("Движение", "по записям", "по остаткам"),
        ("Movements", "by records", "by balances"),
    );
    page.heading(&format!("{title}: {name}"))?;
    page.row("", &[by_records.to_owned(), by_balances.to_owned()])?;
    let flows = [
        (language.pick("начислено", "issued"), flow.issued),
        (language.pick("восстановлено", "restored"), flow.restored),
        (language.pick("списано", "spent"), flow.spent),
        (language.pick("отозвано", "clawed back"), flow.clawed_back),
    ];
    for (label, units) in flows {
        page.row(label, &[language.figure(units, flow.digits)])?;
    }
    let expired =
        language.pick("сгорело: погашено и ждёт погашения", "expired: posted, and to post");
    let figure = |units| language.figure(units, flow.digits);
    page.row(expired, &[figure(flow.expired), figure(reading.expired)])?;
    let readings = [
        (language.pick("долг", "debt"), reading.debt),
        (language.pick("в резерве", "held"), reading.held),
        (language.pick("доступно", "spendable"), reading.spendable),
        (language.pick("ожидает", "pending"), reading.pending),
    ];
    for (label, units) in readings {
        page.row(label, &[String::new(), figure(units)])?;
    }
    let posted = language.pick("проведено по картам", "posted to cards");
    page.row(posted, &[figure(flow.posted), figure(reading.posted)])
}

fn sums(page: &mut Page<'_>, control: &Control, money_digits: u8) -> io::Result<()> {
    let language = page.language;
    page.heading(language.pick("Контрольные суммы", "Control sums"))?;
    for (points, flow, reading) in control.points() {
        let figure = |units| language.figure(units, flow.digits);
        let (came, went) = sides(&flow, &reading);
        let left = language.pick("начислено + восстановлено + долг", "issued + restored + debt");
        let right = language.pick(
            "списано + сгорело + отозвано + в резерве + осталось",
            "spent + expired + clawed back + held + left",
        );
        let plus =
            |terms: &[i128]| terms.iter().map(|term| figure(*term)).collect::<Vec<_>>().join(" + ");
        page.line(format!("  {points}: {left}"))?;
        page.line(format!(
            "    {} = {}",
            plus(&[flow.issued, flow.restored, reading.debt]),
            figure(came)
        ))?;
        page.line(format!("  {points}: {right}"))?;
        let expired = flow.expired + reading.expired;
        let terms = [flow.spent, expired, flow.clawed_back, reading.held, reading.left()];
        page.line(format!("    {} = {}", plus(&terms), figure(went)))?;
        verdict(page, came == went && flow.posted == reading.posted)?;
    }
    let money = &control.flows.money;
    let figure = |units| language.figure(units, money_digits);
    page.line(language.pick(
        "  скидки строк = скидки чеков; строки − скидки = к оплате",
        "  discounts of lines = discounts of receipts; lines − discounts = due",
    ))?;
    page.line(format!("    {} = {}", figure(money.line_discounts()), figure(money.discounts)))?;
    let rest = figure(money.lines - money.discounts);
    page.line(format!("    {} − {} = {rest}", figure(money.lines), figure(money.discounts)))?;
    verdict(page, control.money_balances())?;
    let flows = &control.flows;
    let (records, head) = (language.count(flows.records), flows.head);
    page.line(format!("  {}: {records}", language.pick("цепочка записей", "chain of records")))?;
    page.line(format!("    {head}"))?;
    verdict(page, flows.broken_links + flows.unbalanced == 0)
}

fn verdict(page: &mut Page<'_>, agrees: bool) -> io::Result<()> {
    let language = page.language;
    let word = if agrees {
        language.pick("сходится", "agrees")
    } else {
        language.pick("НЕ СХОДИТСЯ", "DOES NOT AGREE")
    };
    page.line(format!("    {word}"))
}

/// How long it took.
pub fn pace(page: &mut Page<'_>, tally: &Tally, took: Duration) -> io::Result<()> {
    let language = page.language;
    let all = tally.all();
    let millis = took.as_millis().max(1);
    let pace = |count: u64| language.figure(i128::from(count) * 1000 / millis as i128, 0);
    page.heading(language.pick("Скорость", "Pace"))?;
    let seconds = language.figure(millis as i128 / 10, 2);
    page.row(language.pick("секунд", "seconds"), &[seconds])?;
    page.row(language.pick("чеков в секунду", "receipts a second"), &[pace(all.receipts)])?;
    page.row(language.pick("строк в секунду", "lines a second"), &[pace(all.lines)])
}
