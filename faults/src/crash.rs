//! Crashes at every operation of a workload, and in the recovery from them; faults that the program
//! lives through. What is tested is a [`Subject`]; what it must be like after a crash is what an undisturbed
//! run of the same calls was like.

use std::fmt::Debug;

use crate::chance::Chance;
use crate::disk::{Disk, Fault};
use crate::model::Loss;
use crate::workload::Workload;

/// Something that answers calls and keeps what it answered on a disk.
pub trait Subject: Sized {
    /// Opens what lies on the disk, or begins anew on an empty one.
    ///
    /// # Errors
    /// Why it could not, or what it found wrong.
    fn open(disk: &Disk) -> Result<Self, String>;

    /// Answers a call. The same call gets the same answer.
    ///
    /// # Errors
    /// A stable code if the call is refused; anything else if it failed.
    fn call(&mut self, call: &str) -> Result<String, String>;

    /// Does between calls what is done when there is time.
    ///
    /// # Errors
    /// Why it could not.
    fn rest(&mut self) -> Result<(), String>;

    /// Verifies everything that is kept, and tells what it is.
    ///
    /// # Errors
    /// What is wrong with it.
    fn snapshot(&mut self) -> Result<Snapshot, String>;

    /// Whether a call that was answered has everything outlive a loss of power that is told beside the records.
    #[must_use]
    fn settles(_call: &str) -> bool {
        false
    }

    /// Looks at what a crash left, before anything is opened: whether what is told beside the records
    /// knows at least these.
    ///
    /// # Errors
    /// What it lacks.
    fn knows(_disk: &Disk, _least: &Snapshot) -> Result<(), String> {
        Ok(())
    }
}

/// What a subject keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its records, oldest first, each by a text that tells them apart.
    pub records: Vec<String>,
    /// What they add up to, by a text that differs when any of it does.
    pub states: String,
}

impl Snapshot {
    /// Compares with what it must be.
    ///
    /// # Errors
    /// Where they first differ, after what this is.
    pub fn must_be(&self, wanted: &Snapshot, what: &str) -> Result<(), String> {
        let (found, least) = (self.records.len(), wanted.records.len());
        let mut pairs = self.records.iter().zip(&wanted.records).enumerate();
        if let Some((place, (found, wanted))) = pairs.find(|(_, (found, wanted))| found != wanted) {
            return Err(format!("{what}: record {place} is {found}, wanted {wanted}"));
        }
        if found != least {
            return Err(format!("{what}: {found} records, wanted {least}"));
        }
        if self.states == wanted.states {
            return Ok(());
        }
        Err(format!("{what}: the states are {}, wanted {}", self.states, wanted.states))
    }
}

/// An undisturbed run.
pub struct Run {
    answers: Vec<Result<String, String>>,
    calls: Vec<String>,
    disk: Disk,
    /// How many operations were done when each call was answered.
    marks: Vec<u64>,
    /// After how many operations something settled that many calls.
    settled: Vec<(u64, usize)>,
    /// As it was opened, and after each call.
    snapshots: Vec<Snapshot>,
}

/// How many calls there are from one rest to the next.
const REST: usize = 8;
/// How many calls after a fault are looked at one by one.
const LOOKS: usize = 3;

impl Run {
    /// Plays a workload on an empty disk.
    ///
    /// # Errors
    /// What failed: nothing should.
    pub fn of<S: Subject>(workload: &Workload) -> Result<Run, String> {
        let mut run = Run {
            answers: Vec::new(),
            calls: Vec::new(),
            disk: Disk::new(),
            marks: Vec::new(),
            settled: Vec::new(),
            snapshots: Vec::new(),
        };
        // Looking might leave traces on the disk: another subject is looked at.
        let (mut subject, mut looked_at) = (S::open(&run.disk)?, S::open(&Disk::new())?);
        run.snapshots.push(looked_at.snapshot()?);
        let mut known = Vec::new();
        for number in 0..workload.length() {
            let call = workload.call(number, &known);
            let answer = subject.call(&call);
            run.marks.push(run.disk.operations());
            if S::settles(&call) && answer.is_ok() {
                run.settled.push((run.disk.operations(), number + 1));
            }
            let other = looked_at.call(&call);
            same("the answer on another disk", &other, &answer)?;
            known.push(answer.clone().unwrap_or_default());
            run.snapshots.push(looked_at.snapshot()?);
            run.answers.push(answer);
            run.calls.push(call);
            if number % REST == REST - 1 {
                subject.rest()?;
                run.settled.push((run.disk.operations(), number + 1));
                looked_at.rest()?;
            }
        }
        Ok(run)
    }

    /// The disk at the end, with the history of the run.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The calls.
    pub fn calls(&self) -> &[String] {
        &self.calls
    }

    /// What was kept after so many calls.
    ///
    /// # Panics
    /// If there were not so many.
    #[must_use]
    pub fn snapshot_after(&self, calls: usize) -> &Snapshot {
        &self.snapshots[calls]
    }

    /// How many operations were done when a call was answered.
    ///
    /// # Panics
    /// If there was no such call.
    #[must_use]
    pub fn operations_after(&self, call: usize) -> u64 {
        self.marks[call]
    }

    /// The answers to all calls.
    pub fn answers(&self) -> &[Result<String, String>] {
        &self.answers
    }

    /// Has the machine lose its power after so many operations, opens what it finds, and checks: each
    /// acknowledged call is there, the next one wholly or not at all, and nothing else, and what is told beside the
    /// records is not behind. If `onwards`, all calls
    /// are sent again and must get the answers of the undisturbed run. Gives the disk as it was found, with
    /// the history of the recovery.
    ///
    /// # Errors
    /// What was not as it must be.
    pub fn crash<S: Subject>(
        &self,
        operations: u64,
        (loss, seed): (Loss, u64),
        onwards: bool,
    ) -> Result<Disk, String> {
        let found = self.disk.at(operations).after_power_loss(loss, seed);
        let acknowledged = self.acknowledged(operations);
        let told = |wrong| format!("{loss:?}, seed {seed}, after {operations} operations: {wrong}");
        self.left::<S>(&found, operations, loss).map_err(told)?;
        self.recover::<S>(&found, acknowledged, onwards).map_err(told)?;
        Ok(found)
    }

    /// Crashes in the recovery from a crash, after every `step`th of its operations. Gives how many
    /// crashes.
    ///
    /// # Errors
    /// As [`Run::crash`].
    pub fn crash_again<S: Subject>(
        &self,
        operations: u64,
        (loss, seed): (Loss, u64),
        step: usize,
    ) -> Result<usize, String> {
        let found = self.disk.at(operations).after_power_loss(loss, seed);
        drop(S::open(&found)?);
        let mut chance = Chance::new(seed);
        let mut images = 0;
        for second in (0..=found.operations()).step_by(step.max(1)) {
            let again = *chance.pick(&Loss::ALL);
            let image = found.at(second).after_power_loss(again, chance.bits());
            let told = |wrong| {
                format!(
                    "{loss:?}, seed {seed}, after {operations} operations, then {again:?} after {second}: {wrong}"
                )
            };
            self.recover::<S>(&image, self.acknowledged(operations), false).map_err(told)?;
            images += 1;
        }
        Ok(images)
    }

    /// What stands beside the records is not behind what was acknowledged when the process alone died, and
    /// not behind what was settled when the power went.
    fn left<S: Subject>(&self, found: &Disk, operations: u64, loss: Loss) -> Result<(), String> {
        let settled = self.settled.iter().filter(|(mark, _)| *mark <= operations);
        let settled = settled.map(|(_, calls)| *calls).max().unwrap_or(0);
        let calls = if loss == Loss::Nothing { self.acknowledged(operations) } else { settled };
        // What is looked at is not what is recovered: looking may leave traces.
        S::knows(&found.after_power_loss(Loss::Nothing, 0), &self.snapshots[calls])
    }

    fn acknowledged(&self, operations: u64) -> usize {
        self.marks.iter().filter(|mark| **mark <= operations).count()
    }

    fn recover<S: Subject>(
        &self,
        found: &Disk,
        acknowledged: usize,
        onwards: bool,
    ) -> Result<(), String> {
        let mut subject = S::open(found)?;
        let snapshot = subject.snapshot()?;
        let before = &self.snapshots[acknowledged];
        let after = self.snapshots.get(acknowledged + 1).unwrap_or(before);
        if snapshot != *after {
            snapshot.must_be(before, "after the next call it is not either")?;
        }
        // What was refused left nothing, and might be done now: only what was answered is asked again.
        let first = if onwards { 0 } else { acknowledged.saturating_sub(1) };
        let last = if onwards { self.calls.len() } else { acknowledged };
        for number in first..last {
            if number < acknowledged && self.answers[number].is_err() {
                continue;
            }
            let answer = subject.call(&self.calls[number]);
            same(&format!("the answer to call {number}"), &answer, &self.answers[number])?;
            if number >= acknowledged && number % REST == REST - 1 {
                subject.rest()?;
            }
        }
        if onwards {
            subject.snapshot()?.must_be(&self.snapshots[self.calls.len()], "the end")?;
        }
        Ok(())
    }

    /// Plays the calls on an empty disk with a fault. A call that fails is sent again, the third time
    /// with room on the disk. After the fault and in the end all answers and all that is kept must be as in
    /// the undisturbed run, also after a loss of power. False if the fault never came.
    ///
    /// # Errors
    /// What was not as it must be.
    pub fn suffer<S: Subject>(&self, number: u64, fault: Fault) -> Result<bool, String> {
        let told = |wrong| format!("{fault:?} at operation {number}: {wrong}");
        self.suffered::<S>(number, fault).map_err(told)
    }

    fn suffered<S: Subject>(&self, number: u64, fault: Fault) -> Result<bool, String> {
        let disk = Disk::new();
        let mut subject = S::open(&disk)?;
        disk.fail_at(disk.operations() + number, fault);
        let mut looks = 0;
        for (number, wanted) in self.answers.iter().enumerate() {
            let mut answer = subject.call(&self.calls[number]);
            for _ in 0..2 {
                if answer == *wanted {
                    break;
                }
                answer = subject.call(&self.calls[number]);
            }
            if answer != *wanted {
                disk.make_room();
                answer = subject.call(&self.calls[number]);
            }
            same(&format!("the answer to call {number}"), &answer, wanted)?;
            // What is acknowledged after the fault must last, whatever the fault left behind.
            if disk.has_failed() && looks < LOOKS {
                looks += 1;
                let found = disk.after_power_loss(Loss::Everything, 0);
                let what = format!("what call {number} left after a loss of power");
                S::open(&found)?.snapshot()?.must_be(&self.snapshots[number + 1], &what)?;
            }
            if number % REST == REST - 1 {
                // It may fail, as it may for want of room; nothing may be lost by it.
                let _ = subject.rest();
            }
        }
        let has_come = disk.has_failed();
        disk.heal();
        let last = &self.snapshots[self.calls.len()];
        subject.snapshot()?.must_be(last, "the end")?;
        let found = disk.after_power_loss(Loss::Everything, number);
        drop(subject);
        S::open(&found)?.snapshot()?.must_be(last, "after a loss of power")?;
        S::open(&disk)?.snapshot()?.must_be(last, "after closing")?;
        Ok(has_come)
    }
}

fn same<T: Debug + PartialEq>(what: &str, found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what} is {found:?}, wanted {wanted:?}")) }
}
