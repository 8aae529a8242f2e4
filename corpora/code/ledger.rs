//! A tiny double-entry ledger.
//!
//! Money never appears or disappears here, it only moves: every transaction
//! consists of two or more postings whose amounts add up to zero. From that
//! one rule most of the rest follows. Balances can be recomputed at any time,
//! a typing error shows itself at once, and the sum over all of the accounts
//! is always exactly 0.
//!
//! The file format is meant to be written by hand:
//!
//! ```text
//! 2024-03-01 Rent for March
//!     expenses:rent          640.00
//!     assets:bank
//!
//! 2024-03-02 Coffee & cake   ; with Lena
//!     expenses:food            7.80
//!     assets:cash
//! ```
//!
//! One posting per transaction may leave out its amount; it then gets
//! whatever is missing. A semicolon starts a comment.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An amount of money in the smallest unit (cents, pence, ...).
///
/// Floating-point numbers aren't used anywhere, because `0.1 + 0.2` is a
/// poor thing to explain to a tax inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

impl Amount {
    pub const ZERO: Amount = Amount(0);

    /// Builds an amount from a number of cents.
    pub fn from_cents(cents: i64) -> Self {
        Amount(cents)
    }

    pub fn cents(self) -> i64 {
        self.0
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Adds two amounts, or returns `None` if the result doesn't fit.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// Changes the sign. The only amount without a negative is `i64::MIN`.
    pub fn checked_neg(self) -> Option<Amount> {
        self.0.checked_neg().map(Amount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let text = format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100);
        // `pad` honours width and alignment, so `{:>12}` works as expected.
        f.pad(&text)
    }
}

/// Everything that can be wrong with an amount, a date or a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerError {
    BadAmount(String),
    BadDate(String),
    BadAccount(String),
    /// The postings of a transaction don't add up to zero.
    Unbalanced { payee: String, off_by: Amount },
    /// More than one posting has been left without an amount.
    Ambiguous { payee: String },
    /// A transaction needs at least two postings.
    TooFewPostings { payee: String },
    /// A posting was found before the first transaction.
    Orphan,
    Overflow,
    /// Any of the above, together with the line on which it happened.
    AtLine(usize, Box<LedgerError>),
}

impl LedgerError {
    fn at(self, line: usize) -> LedgerError {
        match self {
            already @ LedgerError::AtLine(..) => already,
            other => LedgerError::AtLine(line, Box::new(other)),
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LedgerError::BadAmount(text) => write!(f, "not an amount: {text:?}"),
            LedgerError::BadDate(text) => write!(f, "not a date: {text:?}"),
            LedgerError::BadAccount(text) => write!(f, "not an account name: {text:?}"),
            LedgerError::Unbalanced { payee, off_by } => {
                write!(f, "\"{payee}\" doesn't balance; it is off by {off_by}")
            }
            LedgerError::Ambiguous { payee } => {
                write!(f, "\"{payee}\" has more than one posting without an amount")
            }
            LedgerError::TooFewPostings { payee } => {
                write!(f, "\"{payee}\" needs at least two postings")
            }
            LedgerError::Orphan => write!(f, "posting outside of a transaction"),
            LedgerError::Overflow => write!(f, "amount too large"),
            LedgerError::AtLine(line, inner) => write!(f, "line {line}: {inner}"),
        }
    }
}

impl std::error::Error for LedgerError {}

impl FromStr for Amount {
    type Err = LedgerError;

    /// Accepts `12`, `12.5`, `12.50`, `-0.07` and `1'250.00`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || LedgerError::BadAmount(text.to_string());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let whole: String = whole.chars().filter(|&c| c != '\'').collect();
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(&whole) || !all_digits(fraction) || fraction.len() > 2 {
            return Err(bad());
        }
        let units: i64 = whole.parse().map_err(|_| LedgerError::Overflow)?;
        let mut cents: i64 = fraction.parse().map_err(|_| bad())?;
        if fraction.len() == 1 {
            cents *= 10;
        }
        let total = units
            .checked_mul(100)
            .and_then(|n| n.checked_add(cents))
            .ok_or(LedgerError::Overflow)?;
        Ok(Amount(if negative { -total } else { total }))
    }
}

/// A calendar date. The order of the fields makes the derived `Ord` right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Date {
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let valid = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
        valid.then_some(Date { year, month, day })
    }
}

fn is_leap_year(year: u16) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let mut next = || parts.next().and_then(|p| p.parse::<u16>().ok());
        let date = match (next(), next(), next()) {
            (Some(y), Some(m), Some(d)) if m <= 12 && d <= 31 => Date::new(y, m as u8, d as u8),
            _ => None,
        };
        match (date, parts.next()) {
            (Some(date), None) => Ok(date),
            _ => Err(LedgerError::BadDate(text.to_string())),
        }
    }
}

/// One line of a transaction: so much goes to (or comes from) an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub account: String,
    pub amount: Amount,
}

/// A balanced set of postings. It can only be made by [`Draft::finish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub date: Date,
    pub payee: String,
    pub postings: Vec<Posting>,
}

/// A transaction that's still being put together.
#[derive(Debug)]
pub struct Draft {
    date: Date,
    payee: String,
    postings: Vec<(String, Option<Amount>)>,
}

impl Draft {
    pub fn new(date: Date, payee: impl Into<String>) -> Self {
        Draft { date, payee: payee.into(), postings: Vec::new() }
    }

    /// Adds a posting. `None` means "whatever is missing".
    pub fn post(mut self, account: &str, amount: Option<Amount>) -> Result<Self, LedgerError> {
        self.push(account, amount)?;
        Ok(self)
    }

    fn push(&mut self, account: &str, amount: Option<Amount>) -> Result<(), LedgerError> {
        let well_formed = account.split(':').all(|part| !part.trim().is_empty());
        if !well_formed {
            return Err(LedgerError::BadAccount(account.to_string()));
        }
        self.postings.push((account.to_string(), amount));
        Ok(())
    }

    /// Fills the gap, checks the sum and turns the draft into a transaction.
    pub fn finish(self) -> Result<Transaction, LedgerError> {
        let Draft { date, payee, postings } = self;
        if postings.len() < 2 {
            return Err(LedgerError::TooFewPostings { payee });
        }
        let gaps = postings.iter().filter(|(_, amount)| amount.is_none()).count();
        if gaps > 1 {
            return Err(LedgerError::Ambiguous { payee });
        }
        let sum = postings
            .iter()
            .filter_map(|&(_, amount)| amount)
            .try_fold(Amount::ZERO, Amount::checked_add)
            .ok_or(LedgerError::Overflow)?;
        if gaps == 0 && !sum.is_zero() {
            return Err(LedgerError::Unbalanced { payee, off_by: sum });
        }
        let missing = sum.checked_neg().ok_or(LedgerError::Overflow)?;
        let postings = postings
            .into_iter()
            .map(|(account, amount)| Posting { account, amount: amount.unwrap_or(missing) })
            .collect();
        Ok(Transaction { date, payee, postings })
    }
}

/// The book itself: transactions in order of date.
#[derive(Debug, Default)]
pub struct Ledger {
    transactions: Vec<Transaction>,
}

impl Ledger {
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts a transaction behind all others of the same or an earlier date.
    pub fn record(&mut self, transaction: Transaction) {
        let index = self.transactions.partition_point(|t| t.date <= transaction.date);
        self.transactions.insert(index, transaction);
    }

    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// Balances of all accounts, parents included: what is posted to
    /// `assets:bank:savings` counts for `assets:bank` and `assets` as well.
    pub fn balances(&self) -> Result<BTreeMap<String, Amount>, LedgerError> {
        let mut result: BTreeMap<String, Amount> = BTreeMap::new();
        for posting in self.transactions.iter().flat_map(|t| &t.postings) {
            for name in ancestors(&posting.account) {
                let entry = result.entry(name.to_string()).or_default();
                *entry = entry.checked_add(posting.amount).ok_or(LedgerError::Overflow)?;
            }
        }
        Ok(result)
    }

    /// Each movement on one account together with the balance after it.
    pub fn register<'a>(
        &'a self,
        account: &'a str,
    ) -> impl Iterator<Item = (Date, &'a str, Amount, Amount)> + 'a {
        let mut running = Amount::ZERO;
        self.transactions
            .iter()
            .flat_map(|t| t.postings.iter().map(move |p| (t, p)))
            .filter(move |(_, p)| ancestors(&p.account).any(|name| name == account))
            .map(move |(t, p)| {
                running = Amount(running.0.saturating_add(p.amount.0));
                (t.date, t.payee.as_str(), p.amount, running)
            })
    }

    /// A balance sheet, with children indented below their parents.
    pub fn report(&self) -> Result<String, LedgerError> {
        let mut out = String::new();
        for (name, amount) in self.balances()? {
            let depth = name.matches(':').count();
            let short = name.rsplit(':').next().unwrap_or(&name);
            out.push_str(&format!("{amount:>12}  {:indent$}{short}\n", "", indent = depth * 2));
        }
        Ok(out)
    }
}

/// `a:b:c` gives `a`, then `a:b`, then `a:b:c`.
fn ancestors(account: &str) -> impl Iterator<Item = &str> {
    account
        .match_indices(':')
        .map(|(index, _)| index)
        .chain(std::iter::once(account.len()))
        .map(move |end| &account[..end])
}

impl FromStr for Ledger {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut ledger = Ledger::new();
        // The draft that is open at the moment, and the line it began on.
        let mut open: Option<(usize, Draft)> = None;

        for (index, raw) in text.lines().enumerate() {
            let number = index + 1;
            let line = raw.split(';').next().unwrap_or("").trim_end();
            if line.trim().is_empty() {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                let (_, draft) = open.as_mut().ok_or_else(|| LedgerError::Orphan.at(number))?;
                let (account, amount) = split_posting(line).map_err(|e| e.at(number))?;
                draft.push(account, amount).map_err(|e| e.at(number))?;
            } else {
                if let Some((start, draft)) = open.take() {
                    ledger.record(draft.finish().map_err(|e| e.at(start))?);
                }
                let (date, payee) = line.split_once(' ').unwrap_or((line, "(no payee)"));
                let date = date.parse().map_err(|e: LedgerError| e.at(number))?;
                open = Some((number, Draft::new(date, payee.trim())));
            }
        }
        if let Some((start, draft)) = open {
            ledger.record(draft.finish().map_err(|e| e.at(start))?);
        }
        Ok(ledger)
    }
}

/// The amount, if there is one, is the last word on the line.
fn split_posting(line: &str) -> Result<(&str, Option<Amount>), LedgerError> {
    let line = line.trim();
    match line.rsplit_once(char::is_whitespace) {
        Some((account, amount)) => Ok((account.trim_end(), Some(amount.parse()?))),
        None => Ok((line, None)),
    }
}

const SAMPLE: &str = "\
2024-02-29 Salary
    assets:bank             2'100.00
    income:salary

2024-03-02 Coffee & cake   ; it's Lena's turn next time
    expenses:food               7.80
    assets:cash

2024-03-01 Rent for March
    expenses:home:rent        640.00
    expenses:home:heating      55.5
    assets:bank

2024-03-01 Cash machine
    assets:cash                50
    assets:bank               -50
";

fn main() {
    let mut args = std::env::args().skip(1);
    let text = match args.next() {
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("can't read {path}: {error}");
                std::process::exit(2);
            }
        },
        None => SAMPLE.to_string(),
    };
    let report = text.parse::<Ledger>().and_then(|ledger| {
        for (date, payee, amount, balance) in ledger.register("assets") {
            println!("{date}  {payee:<20} {amount:>10} {balance:>10}");
        }
        ledger.report()
    });
    match report {
        Ok(report) => print!("\n{report}"),
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_parsed_and_printed() {
        for (input, cents, output) in [
            ("12", 1200, "12.00"),
            ("12.5", 1250, "12.50"),
            ("-0.07", -7, "-0.07"),
            ("1'250.00", 125_000, "1250.00"),
            ("0", 0, "0.00"),
        ] {
            assert_eq!(amount(input), Amount::from_cents(cents), "{input}");
            assert_eq!(amount(input).to_string(), output);
        }
    }

    #[test]
    fn odd_amounts_are_refused() {
        for input in ["", "-", ".", "1.", ".5", "1.234", "twelve", "1,50", "--1", "+1"] {
            assert!(input.parse::<Amount>().is_err(), "{input:?} was accepted");
        }
        let huge = "99999999999999999999";
        assert_eq!(huge.parse::<Amount>(), Err(LedgerError::Overflow));
    }

    #[test]
    fn dates_know_about_leap_years() {
        assert!("2024-02-29".parse::<Date>().is_ok());
        assert!("2000-02-29".parse::<Date>().is_ok());
        for input in ["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "2024-1-1-1", "today"] {
            let expected = Err(LedgerError::BadDate(input.to_string()));
            assert_eq!(input.parse::<Date>(), expected);
        }
    }

    #[test]
    fn everything_sums_to_zero() {
        let ledger: Ledger = SAMPLE.parse().unwrap();
        let total: i64 = ledger
            .transactions()
            .iter()
            .flat_map(|t| &t.postings)
            .map(|p| p.amount.cents())
            .sum();
        assert_eq!(total, 0);
    }

    #[test]
    fn parents_include_their_children() {
        let ledger: Ledger = SAMPLE.parse().unwrap();
        let balances = ledger.balances().unwrap();
        assert_eq!(balances["expenses:home"], amount("695.50"));
        assert_eq!(balances["expenses"], amount("703.30"));
        assert_eq!(balances["assets:cash"], amount("42.20"));
        assert_eq!(balances["income"], amount("-2100"));
    }

    #[test]
    fn transactions_are_kept_in_order() {
        let ledger: Ledger = SAMPLE.parse().unwrap();
        let payees: Vec<_> = ledger.transactions().iter().map(|t| t.payee.as_str()).collect();
        assert_eq!(payees, ["Salary", "Rent for March", "Cash machine", "Coffee & cake"]);
    }

    #[test]
    fn register_shows_a_running_balance() {
        let ledger: Ledger = SAMPLE.parse().unwrap();
        let lines: Vec<_> = ledger.register("assets:bank").collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2].3, amount("1354.50"));
        // "asset" is a prefix of the text, but it isn't an account.
        assert_eq!(ledger.register("asset").count(), 0);
    }

    #[test]
    fn errors_name_the_line() {
        let cases = [
            ("2024-01-01 A\n  x  5\n  y  -4\n", "line 1: \"A\" doesn't balance; it is off by 1.00"),
            ("2024-01-01 A\n  x\n  y\n", "line 1: \"A\" has more than one posting without an amount"),
            ("2024-01-01 A\n  x  5\n", "line 1: \"A\" needs at least two postings"),
            ("\n  x  5\n", "line 2: posting outside of a transaction"),
            ("2024-01-01 A\n  x  five\n", "line 2: not an amount: \"five\""),
            ("2024-01-01 A\n  x::z  5\n", "line 2: not an account name: \"x::z\""),
            ("1st of May\n", "line 1: not a date: \"1st\""),
        ];
        for (text, message) in cases {
            assert_eq!(text.parse::<Ledger>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn report_is_indented() {
        let draft = Draft::new(Date::new(2024, 5, 1).unwrap(), "Bus")
            .post("expenses:travel", Some(amount("2.40")))
            .and_then(|d| d.post("cash", None))
            .unwrap();
        let mut ledger = Ledger::new();
        ledger.record(draft.finish().unwrap());
        let expected = "       -2.40  cash\n        2.40  expenses\n        2.40    travel\n";
        assert_eq!(ledger.report().unwrap(), expected);
    }
}
