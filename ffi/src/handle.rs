//! What a handle holds, and what each kind of it is asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use kopilka::desk::Desk;
use kopilka::document::{Document, canonical, from_node};
use kopilka::door::{QuoteCall, Watcher};
use kopilka::json::Node;
use kopilka::{Book, Error, ErrorCode, PreparedOrder, Program, REQUEST_BYTES_MAX};
use kopilka_store::Ledger;

use crate::pointer::Crosses;

/// A programme, an order, a book, a ledger, a desk or a watch. Every handle may be used from any
/// thread at once. Give it back with the function of its kind.
pub struct KopilkaHandle {
    _private: [u8; 0],
}

/// The kinds of handle, with the number that C knows each by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Program = 1,
    Order = 2,
    Book = 3,
    Ledger = 4,
    Desk = 5,
    Watch = 6,
}

impl Kind {
    pub const ALL: [Kind; 6] =
        [Kind::Program, Kind::Order, Kind::Book, Kind::Ledger, Kind::Desk, Kind::Watch];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Program => "program",
            Kind::Order => "order",
            Kind::Book => "book",
            Kind::Ledger => "ledger",
            Kind::Desk => "desk",
            Kind::Watch => "watch",
        }
    }
}

/// What a [`KopilkaHandle`] is.
pub(crate) struct Handle {
    held: Held,
    /// Whether a panic left it in the middle of a change.
    broken: AtomicBool,
    /// The process that opened it.
    process: u32,
}

enum Held {
    Program(Program),
    Order(PreparedOrder),
    Book(RwLock<Book>),
    /// Empty only while the handle is dropped.
    Ledger(Option<Box<Ledger>>),
    Desk(Desk),
    Watch(Mutex<Watcher>),
}

impl Crosses for Handle {
    type Opaque = KopilkaHandle;
    const MARK: u64 = 0x6c64_6e61_685f_706b;
    const NAME: &'static str = "handle";
}

impl Handle {
    fn of(held: Held) -> Handle {
        Handle { held, broken: AtomicBool::new(false), process: std::process::id() }
    }

    pub fn program(document: &str) -> Result<Handle, Error> {
        Ok(Handle::of(Held::Program(Program::compile(document)?)))
    }

    pub fn desk(policy: &str) -> Result<Handle, Error> {
        Ok(Handle::of(Held::Desk(Desk::compile(policy)?)))
    }

    pub fn watch(policy: &str) -> Result<Handle, Error> {
        Ok(Handle::of(Held::Watch(Mutex::new(Watcher::open(policy)?))))
    }

    pub fn book(options: &str) -> Result<Handle, Error> {
        Ok(Handle::of(Held::Book(RwLock::new(Book::open_json(options)?))))
    }

    pub fn ledger(options: &str) -> Result<Handle, Error> {
        Ok(Handle::of(Held::Ledger(Some(Box::new(Ledger::open_json(options)?)))))
    }

    /// An order, checked against a programme once.
    pub fn order(&self, order: &str) -> Result<Handle, Error> {
        let Held::Program(program) = &self.held else {
            return Err(self.of_another_kind("a program"));
        };
        Ok(Handle::of(Held::Order(PreparedOrder::new(program, read(order)?)?)))
    }
}

impl Handle {
    pub fn kind(&self) -> Kind {
        match &self.held {
            Held::Program(_) => Kind::Program,
            Held::Order(_) => Kind::Order,
            Held::Book(_) => Kind::Book,
            Held::Ledger(_) => Kind::Ledger,
            Held::Desk(_) => Kind::Desk,
            Held::Watch(_) => Kind::Watch,
        }
    }

    /// Refuses a handle of another kind than was meant.
    pub fn expect(&self, kind: Kind) -> Result<(), Error> {
        if self.kind() == kind { Ok(()) } else { Err(self.of_another_kind(kind.name())) }
    }

    fn of_another_kind(&self, meant: &str) -> Error {
        let message = format!("the handle is of the kind {}, not {meant}", self.kind().name());
        Error::new(ErrorCode::HandleKind, "", message)
    }

    /// Answers a request in JSON.
    pub fn ask(&self, request: &str) -> Result<String, Error> {
        match &self.held {
            Held::Program(program) => {
                provoke(request);
                program.ask_json(request)
            }
            Held::Order(_) => Err(self.of_another_kind("one that is called: it is quoted")),
            Held::Book(book) => self.changing(|| {
                let mut book = book.write().unwrap_or_else(PoisonError::into_inner);
                provoke(request);
                book.ask_json(request)
            }),
            Held::Ledger(ledger) => {
                let ledger = self.own(ledger.as_deref())?;
                self.changing(|| {
                    provoke(request);
                    ledger.ask_json(request)
                })
            }
            Held::Desk(desk) => {
                provoke(request);
                desk.call_json(request)
            }
            Held::Watch(watch) => self.changing(|| {
                let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
                provoke(request);
                watch.ask_json(request)
            }),
        }
    }

    /// Quotes an order.
    pub fn quote(&self, order: &Handle, request: &str) -> Result<String, Error> {
        let Held::Order(order) = &order.held else {
            return Err(order.of_another_kind("order"));
        };
        let quote = match &self.held {
            Held::Book(book) => {
                self.sound()?;
                let call = read::<QuoteCall>(request)?;
                book.read().unwrap_or_else(PoisonError::into_inner).quote(order, &call)
            }
            Held::Ledger(ledger) => {
                let ledger = self.own(ledger.as_deref())?;
                let call = read::<QuoteCall>(request)?;
                self.changing(|| ledger.quote(order, &call))
            }
            _ => Err(self.of_another_kind("book or ledger")),
        };
        quote.map(|quote| canonical(&quote))
    }

    /// Does what may change the thing that is held. After a panic in it nobody knows what was changed
    /// and what was not, so that it answers no more.
    fn changing<T>(&self, run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.sound()?;
        let fuse = Fuse(&self.broken);
        let outcome = run();
        drop(fuse);
        outcome
    }

    /// A ledger, in the process that opened it. In one that was forked from that, both would write the
    /// same file, each without knowing what the other did.
    fn own<'a>(&self, ledger: Option<&'a Ledger>) -> Result<&'a Ledger, Error> {
        ledger.filter(|_| self.process == std::process::id()).ok_or_else(|| {
            let message = "this process was forked from the one that opened the ledger; open it here, \
                           after the other has freed it";
            Error::new(ErrorCode::StoreLocked, "", message)
        })
    }

    fn sound(&self) -> Result<(), Error> {
        if self.broken.load(Ordering::Acquire) {
            let message =
                "an earlier call failed inside the engine; free the handle and open it anew";
            return Err(Error::new(ErrorCode::Internal, "", message));
        }
        Ok(())
    }
}

impl Drop for Handle {
    /// Brings everything of a ledger into its file, so that what is closed is one file. That it cannot be
    /// brought there loses nothing: it stays in the log beside it.
    fn drop(&mut self) {
        let Held::Ledger(held) = &mut self.held else { return };
        let Some(ledger) = held.take() else { return };
        if self.process != std::process::id() {
            // Closing it here would close it for the process that it belongs to.
            std::mem::forget(ledger);
        } else if !self.broken.load(Ordering::Acquire) {
            let _ = ledger.checkpoint();
        }
    }
}

/// A document of its text.
fn read<T: Document>(text: &str) -> Result<T, Error> {
    from_node(&Node::parse(text, REQUEST_BYTES_MAX)?)
}

/// Burns through if a panic passes it.
struct Fuse<'a>(&'a AtomicBool);

impl Drop for Fuse<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Release);
        }
    }
}

/// Panics where a test wants it.
fn provoke(request: &str) {
    if cfg!(any(test, feature = "panic-verb")) && request == r#"{"panic":{}}"# {
        panic!("a test wanted it");
    }
}
