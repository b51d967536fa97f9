//! A small sale and its refund, with slips written by hand.

use super::*;
use crate::answer::{Answer, Explanation};
use crate::book::Book;
use crate::statement::explanation;
use crate::texts::MoneySign;

const PROGRAM: &str = r#"{
    "id": "six-stores", "name": {"en": "Six Stores", "ru": "Шесть магазинов"},
    "currency": "RUB", "zone": "Europe/Moscow",
    "stores": [{
        "id": "almaz", "name": "Алмаз", "address": "ул. Советская, 15, г. Москва", "city": "Москва"
    }],
    "points": [{"id": "bonus", "name": {"en": "bonus points", "ru": "бонусы"}}],
    "cards": [
        {"id": "gold", "kind": "discount", "name": {"en": "Gold card", "ru": "Золотая карта"},
         "numbers": [{"prefix": "28", "length_max": 13}],
         "discount": {"percent": {"fixed": "10"}}},
        {"id": "bonus", "kind": "bonus", "name": {"en": "Bonus card", "ru": "Бонусная карта"},
         "points": "bonus", "numbers": [{"prefix": "29", "length_max": 13}]}
    ],
    "earning": {"rules": [{
        "id": "purchase", "delay": {"days": 1}, "life": {"months": 12}, "give": {"percent": "5"}
    }]},
    "redemption": {"percent": "20"}
}"#;

const ORDER: &str = r#"{
    "cards": [{"number": "2800000000040"}, {"number": "2990000000033"}],
    "discounts": [{"amount": "10.00", "line": "2", "name": "Акция"}],
    "lines": [
        {"id": "1", "name": "Кофе с молоком", "price": "150.00", "quantity": "2",
         "taxes": [{"name": "НДС 20%", "size": {"percent": "20"}}]},
        {"id": "2", "name": "Торт «Прага» по-домашнему с вишней и орехами", "price": "100.00",
         "taxes": [{"name": "НДС 20%", "size": {"percent": "20"}}]}
    ],
    "paid_at": "2025-10-24T14:30:00+03:00",
    "receipt": "0042",
    "spend": {"mode": "exact", "points": "200"},
    "store": "almaz"
}"#;

/// The token's check is a hash of everything, so that a slip written by hand has its own.
const TOKEN: &str = "k1.till-1.1.3.3fa81c00000000000000000000000000";

/// Two lines, a discount of the till, a discount card, points spent and earned:
/// 400.00 − 10.00 (till) = 390.00, − 10 % = 351.00, − 70 points = 281.00, of which 5 % is 14.
pub(crate) struct SmallSale {
    pub program: Program,
    pub explanation: Explanation,
    book: Book,
    order: Order,
    answer: SaleAnswer,
}

fn call(book: &mut Book, minute: u8, command: &str) -> Answer {
    let request = format!(
        r#"{{"at": "2025-10-24T14:{minute:02}:00+03:00", "key": "{minute}", "command": {command}}}"#
    );
    let node = crate::json::Node::parse(&request, 1 << 16).unwrap();
    book.call_node(&node).unwrap()
}

fn sale(answer: Answer) -> SaleAnswer {
    match answer {
        Answer::Sale(sale) => *sale,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn small_sale() -> SmallSale {
    let program = Program::compile(PROGRAM).unwrap();
    let mut book = Book::new("till-1", program.clone()).unwrap();
    call(&mut book, 1, r#"{"issue": {"card": "2800000000040"}}"#);
    let opening = r#""opening": [{"amount": "500"}]"#;
    let issue = format!(r#"{{"issue": {{"card": "2990000000033", {opening}}}}}"#);
    call(&mut book, 2, &issue);
    let sell = format!(r#"{{"sell": {{"order": {ORDER}}}}}"#);
    let answer = sale(call(&mut book, 30, &sell));
    let explanation = explanation(book.entries().last().unwrap());
    let order = serde_json::from_str(ORDER).unwrap();
    SmallSale { program, explanation, book, order, answer }
}

fn options(language: Language, width: u8, sign: MoneySign) -> SlipOptions {
    SlipOptions { language, sign, width, zone: None }
}

impl SmallSale {
    fn slip(&mut self, options: &SlipOptions) -> String {
        self.answer.token = self.answer.token.as_ref().map(|_| TOKEN.to_owned());
        slip(&self.answer, &self.order, &self.program, options)
    }

    fn refund(&mut self, lines: &str) -> RefundAnswer {
        let token = self.answer.token.as_ref().unwrap();
        let refund = format!(r#"{{"refund": {{"token": "{token}", {lines}}}}}"#);
        match call(&mut self.book, 45, &refund) {
            Answer::Refund(mut refund) => {
                refund.token = Some(TOKEN.to_owned());
                *refund
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_small_sale_is_printed_in_russian_on_32_columns() {
    let slip = small_sale().slip(&options(Language::Russian, 32, MoneySign::Abbreviation));
    let expected = [
        "        Шесть магазинов",
        "             Алмаз",
        "  ул. Советская, 15, г. Москва",
        "--------------------------------",
        "Чек № 0042      24.10.2025 14:30",
        "--------------------------------",
        "Кофе с молоком",
        " 2 x 150,00               300,00",
        " Скидка по карте          -30,00",
        " Баллы                    -53,85",
        "Торт \"Прага\" по-домашнему с",
        "вишней и орехами",
        " 1 x 100,00               100,00",
        " Скидка: Акция            -10,00",
        " Скидка по карте           -9,00",
        " Баллы                    -16,15",
        "--------------------------------",
        "Сумма                     400,00",
        "Скидки                   -119,00",
        "ИТОГО                281,00 руб.",
        " в т.ч. НДС 20%            46,84",
        "--------------------------------",
        "Золотая карта           ****0040",
        "--------------------------------",
        "Бонусная карта          ****0033",
        "Бонусы",
        " Списано                      70",
        " Начислено                    14",
        " Доступно             500 -> 430",
        " Станут доступны 25.10.2025   14",
        " Действуют по 25.10.2026      14",
        "--------------------------------",
        "Можно списать 70 из 200 баллов",
        "Баллами можно оплатить не больше",
        "70,20 руб. (20 %)",
        "--------------------------------",
        "Код продажи               3FA81C",
        "",
    ];
    assert_eq!(slip, expected.join("\n"));
}

#[test]
fn a_small_sale_is_printed_in_english_on_42_columns() {
    let slip = small_sale().slip(&options(Language::English, 42, MoneySign::Symbol));
    let expected = [
        "                Six Stores",
        "                  Алмаз",
        "       ул. Советская, 15, г. Москва",
        "------------------------------------------",
        "Receipt 0042             24 Oct 2025 14:30",
        "------------------------------------------",
        "Кофе с молоком",
        " 2 × 150.00                         300.00",
        " Card discount                      −30.00",
        " Points                             −53.85",
        "Торт «Прага» по-домашнему с вишней и",
        "орехами",
        " 1 × 100.00                         100.00",
        " Discount: Акция                    −10.00",
        " Card discount                       −9.00",
        " Points                             −16.15",
        "------------------------------------------",
        "Amount                              400.00",
        "Discounts                          −119.00",
        "TOTAL                             281.00_₽",
        " incl. НДС 20%                       46.84",
        "------------------------------------------",
        "Gold card                         ****0040",
        "------------------------------------------",
        "Bonus card                        ****0033",
        "Bonus points",
        " Spent                                  70",
        " Earned                                 14",
        " Available                       500 → 430",
        " Available from 25 Oct 2025             14",
        " Valid through 25 Oct 2026              14",
        "------------------------------------------",
        "70 of 200 points can be spent",
        "Points can pay no more than 70.20_₽ (20%)",
        "------------------------------------------",
        "Sale code                           3FA81C",
        "",
    ];
    assert_eq!(slip, expected.join("\n").replace('_', "\u{202f}"));
}

#[test]
fn a_refund_is_printed_with_what_came_back() {
    let mut sold = small_sale();
    let refund = sold.refund(r#""lines": [{"line": "1", "quantity": "1"}]"#);
    let options = options(Language::Russian, 32, MoneySign::Abbreviation);
    let slip = refund_slip(&refund, &sold.order, &sold.program, &options);
    let expected = [
        "        Шесть магазинов",
        "             Алмаз",
        "  ул. Советская, 15, г. Москва",
        "            ВОЗВРАТ",
        "--------------------------------",
        "К чеку № 0042   24.10.2025 14:30",
        "--------------------------------",
        "Кофе с молоком",
        " Количество 1             108,08",
        "--------------------------------",
        "К ВОЗВРАТУ           108,08 руб.",
        "--------------------------------",
        "Карта                   ****0033",
        "Бонусы",
        " Возвращено                   27",
        " Снято начисленное             5",
        " Доступно             430 -> 457",
        " Ещё не доступны, всего        9",
        " Действуют по 25.10.2026       9",
        "--------------------------------",
        "Код продажи               3FA81C",
        "",
    ];
    assert_eq!(slip, expected.join("\n"));
}

#[test]
fn a_refund_of_a_sum_names_no_quantity() {
    let mut sold = small_sale();
    let refund = sold.refund(r#""amount": "28.10""#);
    let options = options(Language::Russian, 32, MoneySign::Abbreviation);
    let slip = refund_slip(&refund, &sold.order, &sold.program, &options);
    assert!(slip.contains("\n Часть суммы               21,62\n"), "{slip}");
    assert!(slip.contains("\nК ВОЗВРАТУ            28,10 руб.\n"), "{slip}");
}

#[test]
fn a_reserved_sale_is_a_bill_and_promises_nothing_as_done() {
    let mut sold = small_sale();
    let reserve = format!(r#"{{"reserve": {{"order": {ORDER}}}}}"#);
    sold.answer = sale(call(&mut sold.book, 40, &reserve));
    let slip = sold.slip(&options(Language::Russian, 32, MoneySign::Abbreviation));
    for line in [
        "             ПРЕЧЕК",
        " Будет списано                70",
        " Будет начислено              14",
        " Доступно             430 -> 360",
        " В резерве                    70",
        "Баллы в резерве до",
        "                24.10.2025 15:10",
    ] {
        assert!(slip.lines().any(|printed| printed == line), "{line}\n{slip}");
    }
    assert!(!slip.contains(" Списано"), "{slip}");
}

#[test]
fn a_voided_sale_is_printed_without_lines() {
    let mut sold = small_sale();
    let token = sold.answer.token.clone().unwrap();
    let void = format!(r#"{{"void": {{"token": "{token}"}}}}"#);
    sold.answer = sale(call(&mut sold.book, 41, &void));
    let slip = sold.slip(&options(Language::English, 32, MoneySign::Abbreviation));
    assert!(slip.contains("\n          SALE VOIDED\n"), "{slip}");
    assert!(slip.contains("\n Available            430 -> 500\n"), "{slip}");
    assert!(!slip.contains("TOTAL"), "{slip}");
}

#[test]
fn no_slip_shows_a_whole_card_number() {
    let mut sold = small_sale();
    sold.answer.reasons.push(
        Reason::new(crate::ReasonCode::ConfirmShort)
            .with("card", "2990000000033")
            .with("missing", "5"),
    );
    let slip = sold.slip(&options(Language::Russian, 48, MoneySign::Symbol));
    assert!(slip.contains("На карте ****0033 не хватило 5 баллов"), "{slip}");
    assert!(!slip.contains("2990000000033"), "{slip}");
    assert!(!slip.contains("2800000000040"), "{slip}");
}

#[test]
fn a_simple_printer_gets_only_characters_of_its_code_page() {
    let known = |c: char| {
        c == '\n' || (' '..='~').contains(&c) || ('А'..='я').contains(&c) || "ёЁ№".contains(c)
    };
    for language in Language::ALL {
        for width in [0, 24, 32, 42, 48, 80, 255] {
            let slip = small_sale().slip(&options(*language, width, MoneySign::Abbreviation));
            assert_eq!(slip.chars().find(|c| !known(*c)), None, "{slip}");
            let most = usize::from(width.clamp(24, 80));
            assert!(slip.lines().all(|line| line.chars().count() <= most), "{slip}");
        }
    }
}

#[test]
fn the_zone_of_the_slip_may_be_named() {
    let mut options = options(Language::Russian, 32, MoneySign::Abbreviation);
    options.zone = Some("Asia/Vladivostok".into());
    assert!(small_sale().slip(&options).contains("24.10.2025 21:30"));
}
